// The clockwork: one queue of events in simulated time, each in the name of an actor, and nothing else that moves.
//
// 1. An event runs to its end, promises included, before the next one begins: the order is the queue's alone.
// 2. Whatever an actor did before it died is done; nothing that it planned happens.
// 3. What a frozen actor would have done happens, in the same order, when it thaws.
import { createHash } from "node:crypto";
import { Random } from "./random.ts";

/** Whatever acts: an object, a process, the network. */
export interface Actor {
  readonly name: string;
  alive: boolean;
  /** Stopped for now: SIGSTOP, or its machine stands still. */
  frozen(): boolean;
  /** What was due meanwhile. */
  readonly held: Event[];
  /** By which its wall clock is ahead of true time, ms. */
  wallOffset(): number;
}

interface Event {
  at: number;
  seq: number;
  readonly actor: Actor;
  run: (() => void) | null;
}

export interface Handle {
  cancel(): void;
}

/** True time at the beginning, ms since the epoch: the 14th of November 2026. */
export const BEGINNING = 1_794_657_600_000;

export function makeActor(name: string, wallOffset: () => number = () => 0): Actor {
  return { name, alive: true, frozen: () => false, held: [], wallOffset };
}

export class Violation extends Error {
  readonly invariant: string;
  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** Events at one moment; more are a loop. */
const MOST_AT_ONCE = 20_000;

export class Sim {
  readonly seed: number;
  readonly random: Random;
  /** ms since the beginning. */
  now = 0;
  /** Events that ran. */
  steps = 0;
  current: Actor;
  readonly nature: Actor = makeActor("nature");
  readonly lines: string[] = [];
  violation: Violation | null = null;
  readonly #queue: Event[] = [];
  #seq = 0;
  #atOnce = 0;
  readonly #print: boolean;

  constructor(seed: number, print: boolean) {
    this.seed = seed;
    this.random = new Random(Math.imul(seed + 1, 0x9e3779b1));
    this.current = this.nature;
    this.#print = print;
  }

  after(delayMs: number, actor: Actor, run: () => void): Handle {
    // Whole ms, as the runtime's own timers: a rest of a delay must not stand still in rounding.
    const at = this.now + Math.max(0, Number.isFinite(delayMs) ? Math.ceil(delayMs) : 0);
    const event: Event = { at, seq: this.#seq++, actor, run };
    this.#push(event);
    return {
      cancel: () => {
        event.run = null;
      },
    };
  }

  wall(): number {
    return Math.floor(BEGINNING + this.now + this.current.wallOffset());
  }

  trace(line: string): void {
    const text = `${(this.now / 1_000).toFixed(3).padStart(9)} ${line}`;
    this.lines.push(text);
    if (this.#print) process.stdout.write(`${text}\n`);
  }

  hash(): string {
    const hash = createHash("sha256");
    for (const line of this.lines) hash.update(line).update("\n");
    return hash.digest("hex").slice(0, 16);
  }

  /** The first one counts; the world stops at it. */
  fail(invariant: string, message: string): void {
    if (this.violation !== null) return;
    this.violation = new Violation(invariant, message);
    this.trace(`VIOLATION ${invariant}: ${message}`);
  }

  thaw(actor: Actor): void {
    const held = actor.held.splice(0);
    for (const event of held) {
      // The same one, so that it can still be canceled.
      event.at = this.now;
      event.seq = this.#seq++;
      this.#push(event);
    }
  }

  /** Runs what is due until `until` says so, or that time is reached. */
  async run(to: number, until: () => boolean = () => false): Promise<void> {
    while (this.violation === null && !until()) {
      const next = this.#queue[0];
      if (next === undefined || next.at > to) {
        this.now = Math.max(this.now, to);
        return;
      }
      this.#pop();
      if (next.run === null || !next.actor.alive) continue;
      if (next.actor.frozen()) {
        next.actor.held.push(next);
        continue;
      }
      if (next.at > this.now) {
        this.now = next.at;
        this.#atOnce = 0;
      } else if (++this.#atOnce > MOST_AT_ONCE)
        this.fail("time-goes-on", `${next.actor.name} acts again and again at the same moment`);
      await this.as(next.actor, next.run);
      this.steps += 1;
    }
  }

  /** In that actor's name, with all that follows from it at once. */
  async as(actor: Actor, run: () => void): Promise<void> {
    this.current = actor;
    try {
      run();
    } catch (error) {
      if (actor.alive) this.fail("nothing-throws", `${actor.name}: ${(error as Error).stack}`);
    }
    await settled();
    this.current = this.nature;
  }

  #push(event: Event): void {
    const queue = this.#queue;
    let at = queue.length;
    queue.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, queue[parent]!)) break;
      queue[at] = queue[parent]!;
      at = parent;
    }
    queue[at] = event;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && isBefore(queue[child + 1]!, queue[child]!)) child += 1;
      if (!isBefore(queue[child]!, last)) break;
      queue[at] = queue[child]!;
      at = child;
    }
    queue[at] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}

/** Resolves when no promise is left that could go on by itself. */
function settled(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(resolve));
}
const realSetImmediate = globalThis.setImmediate;

/** The world that runs now; the fakes of the runtime ask it. */
let present: Sim | null = null;
export function setSim(sim: Sim | null): void {
  present = sim;
}
export function sim(): Sim {
  if (present === null) throw new Error("no world runs");
  return present;
}
