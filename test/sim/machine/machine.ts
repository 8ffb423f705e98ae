// A machine: its disk, its process table, its clocks, and which machine a path or an actor belongs to.
import type { Random } from "../kernel/random.ts";
import { type Actor, type Handle, makeActor, sim } from "../kernel/sim.ts";
import { Disk } from "./disk.ts";

/** A process of ours (agent, keeper) or whatever else acts on a machine. */
export interface Task extends Actor {
  readonly machine: Machine;
  /** Stopped by SIGSTOP. */
  stopped: boolean;
  /** Ends in the middle of so many writes to the disk; null where nothing like that is planned. */
  diesInWrites: number | null;
}

export class Machine {
  readonly name: string;
  readonly disk = new Disk();
  readonly random: Random;
  bootId = "";
  /** How often it booted. */
  boots = 0;
  powered = true;
  /** Stands still, as a VM that is being moved, since then; null while it goes on. */
  #pausedAt: number | null = null;
  #clocks: "go on" | "sleep" | "stop" = "go on";
  wallOffset = 0;
  /** Of the steady clock: when it booted, for how long it stood still since, and what of that it knows. */
  bootedAt = 0;
  lostMs = 0;
  sleptMs = 0;
  readonly tasks = new Set<Task>();

  constructor(name: string, random: Random) {
    this.name = name;
    this.random = random;
    machines.set(name, this);
  }

  boot(): void {
    this.boots += 1;
    this.powered = true;
    this.#pausedAt = null;
    this.bootedAt = sim().now;
    this.lostMs = 0;
    this.sleptMs = 0;
    this.bootId = `boot-${this.name}-${this.boots}`;
  }

  /** ms since it booted, by its steady clock. */
  elapsed(): number {
    return sim().now - this.bootedAt - this.lostMs;
  }

  task(name: string): Task {
    const task = makeActor(`${name}@${this.name}`, () => this.wallOffset) as Task;
    Object.assign(task, {
      machine: this,
      stopped: false,
      diesInWrites: null,
      frozen: () => task.stopped || this.paused,
    });
    this.tasks.add(task);
    return task;
  }

  end(task: Task): void {
    task.alive = false;
    this.tasks.delete(task);
  }

  get paused(): boolean {
    return this.#pausedAt !== null;
  }

  /** Its steady clock goes on meanwhile; or stops, and it knows afterwards for how long; or nobody there knows. */
  pause(): void {
    if (this.paused) return;
    this.#pausedAt = sim().now;
    this.#clocks = this.random.pick(["go on", "sleep", "stop"] as const);
  }

  /** How it stood still at the last time, until when, and whether no clock of it knows. */
  lastPause = { ms: 0, until: Number.NEGATIVE_INFINITY, unknown: false };

  get pausedMs(): number {
    return this.#pausedAt === null ? 0 : sim().now - this.#pausedAt;
  }

  resume(): void {
    if (this.#pausedAt === null) return;
    const ms = this.pausedMs;
    this.lastPause = { ms, until: sim().now, unknown: this.#clocks === "stop" };
    if (this.#clocks !== "go on") this.lostMs += ms;
    if (this.#clocks === "sleep") this.sleptMs += ms;
    this.#pausedAt = null;
    this.thaw();
  }

  thaw(): void {
    for (const task of this.tasks) if (!task.frozen()) sim().thaw(task);
  }
}

const machines = new Map<string, Machine>();

export function forgetMachines(): void {
  machines.clear();
}

/** The machine whose disk a path (`/m/<name>/…`) is on. */
export function machineOf(path: string): Machine {
  const name = path.split("/", 3)[2] ?? "";
  const found = machines.get(name);
  if (found === undefined) throw new Error(`${path} is on no machine`);
  return found;
}

/** A timer of a process: it counts by the machine's steady clock, and stands still with it. */
export function setTimer(task: Task, delayMs: number, run: () => void): Handle {
  const { machine } = task;
  const dueMs = machine.elapsed() + Math.max(1, delayMs);
  let handle: Handle;
  const arm = () => {
    handle = sim().after(dueMs - machine.elapsed(), task, () => {
      if (machine.elapsed() < dueMs) arm();
      else run();
    });
  };
  arm();
  return { cancel: () => handle.cancel() };
}

export function taskNow(): Task {
  return sim().current as Task;
}

/** What a dead process would have noticed. */
export class ProcessEnded extends Error {
  constructor() {
    super("this process has ended");
  }
}

/** A dead process writes nothing; one that dies in the middle of its writes does so here. */
export function mayWrite(): void {
  const task = taskNow();
  if (task.machine === undefined) return;
  if (!task.alive) throw new ProcessEnded();
  if (task.diesInWrites === null) return;
  if (task.diesInWrites-- > 0) return;
  task.diesInWrites = null;
  task.alive = false;
  sim().trace(`${task.name} died in the middle of its writes`);
  throw new ProcessEnded();
}
