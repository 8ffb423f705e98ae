// One Durable Object: its storage, its memory and its sockets, each with the life that the platform gives it.
//
// 1. What an object sends leaves only once all it wrote before is durable (the output gate).
// 2. Abort loses memory, sockets, what was not durable and what had not left. Eviction loses memory alone.
// 3. One alarm, at least once: it is late, comes twice, or is tried again when the object broke under it.

import type { Random } from "../kernel/random.ts";
import { type Actor, type Handle, makeActor, sim } from "../kernel/sim.ts";
import type { Database } from "./database.ts";
import { ServerSocket, type WebSocketRequestResponsePair } from "./sockets.ts";

/** What every class of objects may have. */
export interface Instance {
  alarm(): Promise<void>;
  fetch(request: unknown): Promise<{ status: number; webSocket: ServerSocket | null }>;
  webSocketMessage(ws: ServerSocket, data: string | ArrayBuffer): Promise<void>;
  webSocketClose(ws: ServerSocket, code: number, reason: string, clean: boolean): Promise<void>;
  readonly parts: { readonly rim: { policy: unknown } };
}
export type InstanceClass = new (ctx: unknown, env: unknown) => Instance;

/** What may be wrong with the platform at the moment; the faults turn these. */
export interface PlatformMood {
  /** ms until what was written is durable. */
  commitMs: [number, number];
  alarmLateMs: [number, number];
  alarmTwice: number;
}

/** More than so many alarms in that time are a loop, which the operator would pay for. */
const MOST_ALARMS = 100;
const ALARMS_WITHIN_MS = 10_000;

export class SimObject {
  readonly kind: "worker" | "host";
  readonly id: string;
  readonly db: Database;
  readonly actor: Actor;
  readonly random: Random;
  readonly sockets = new Set<ServerSocket>();
  readonly counts: (what: string) => void;
  /** Something became durable. */
  onCommit: (object: SimObject) => void = () => {};
  clockOffset = 0;
  /** Breaks before the next thing that it writes is durable. */
  breaksAtWrite = false;
  readonly #class: InstanceClass;
  readonly #env: unknown;
  readonly #mood: PlatformMood;
  #instance: Instance | null = null;
  #memory: Actor | null = null;
  #ready: Promise<unknown> = Promise.resolve();
  #batch: { readonly outputs: (() => void)[]; readonly handle: Handle } | null = null;
  #alarm: number | null = null;
  #durableAlarm: number | null = null;
  #ringing: Handle | null = null;
  #isRinging = false;
  readonly #rang: number[] = [];
  #autoResponse: WebSocketRequestResponsePair | null = null;
  /** Called when the memory is lost: whoever waits for an answer gets none. */
  readonly #waiting = new Set<() => void>();
  /** Handlers that have not ended. */
  #busy = 0;

  constructor(options: {
    kind: "worker" | "host";
    id: string;
    db: Database;
    class: InstanceClass;
    env: unknown;
    mood: PlatformMood;
    random: Random;
    counts: (what: string) => void;
  }) {
    this.kind = options.kind;
    this.id = options.id;
    this.db = options.db;
    this.#class = options.class;
    this.#env = options.env;
    this.#mood = options.mood;
    this.random = options.random;
    this.counts = options.counts;
    this.clockOffset = this.random.int(-40, 40);
    this.actor = makeActor(`${options.kind} object ${options.id.slice(-6)}`);
  }

  get isAwake(): boolean {
    return this.#instance !== null;
  }

  /** Nothing waits to become durable. */
  get isSettled(): boolean {
    return this.#batch === null;
  }

  get isIdle(): boolean {
    return this.#busy === 0 && this.#batch === null;
  }

  /** In the object's own memory, which is made first where there is none. */
  deliver(
    run: (instance: Instance) => Promise<unknown> | unknown,
    onLost: () => void = () => {},
  ): void {
    if (this.#memory === null) this.#wake();
    const memory = this.#memory!;
    this.#busy += 1;
    this.#waiting.add(onLost);
    sim().after(0, memory, () => {
      const work = this.#ready.then(() => run(this.#instance!));
      void work.then(
        () => this.#done(memory, onLost),
        (error: unknown) => {
          this.#done(memory, onLost);
          if (memory.alive)
            sim().fail("nothing-throws", `${this.actor.name}: ${(error as Error).stack}`);
        },
      );
    });
  }

  #done(memory: Actor, onLost: () => void): void {
    if (memory !== this.#memory) return;
    this.#busy -= 1;
    this.#waiting.delete(onLost);
  }

  /** Leaves once all that was written before is durable; never, where the object is aborted first: then `onLost`. */
  output(leave: () => void, onLost: () => void = () => {}): void {
    if (this.#batch === null) {
      leave();
      return;
    }
    // One of its own: whoever waits for the handler is told of that alone.
    const lost = () => onLost();
    this.#waiting.add(lost);
    this.#batch.outputs.push(() => {
      this.#waiting.delete(lost);
      leave();
    });
  }

  /** Loses its memory and keeps everything else; only while it does nothing. */
  evict(): void {
    this.#forget();
  }

  abort(): void {
    if (this.#batch !== null) {
      this.#batch.handle.cancel();
      this.db.exec("ROLLBACK");
      this.#batch = null;
      this.#alarm = this.#durableAlarm;
    }
    for (const ws of this.sockets) {
      ws.readyState = 3;
      ws.peer?.closed(1006, "the object was reset");
    }
    this.sockets.clear();
    this.#forget();
    // An alarm that had not ended its turn comes again.
    if (this.#isRinging && this.#alarm === null)
      this.#alarm = this.#durableAlarm = sim().wall() + 2_000;
    this.#isRinging = false;
    this.#ring();
  }

  #forget(): void {
    if (this.#memory !== null) this.#memory.alive = false;
    this.#memory = null;
    this.#instance = null;
    this.#busy = 0;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const lost of waiting) lost();
  }

  #wake(): void {
    const memory = makeActor(this.actor.name, () => this.clockOffset);
    (memory as { object?: SimObject }).object = this;
    this.#memory = memory;
    const before = sim().current;
    sim().current = memory;
    this.#instance = new this.#class(this.#ctx(memory), this.#env);
    sim().current = before;
  }

  #ctx(memory: Actor): unknown {
    return {
      id: { toString: () => this.id, name: this.id },
      storage: this.#storage(memory),
      waitUntil: (work: Promise<unknown>) => {
        void work.catch((error: unknown) =>
          sim().fail(
            "nothing-throws",
            `${this.actor.name} in waitUntil: ${(error as Error).stack}`,
          ),
        );
      },
      blockConcurrencyWhile: (work: () => Promise<unknown>) => {
        this.#ready = work();
        return this.#ready;
      },
      acceptWebSocket: (ws: ServerSocket, tags: readonly string[] = []) => {
        ws.tags = tags;
        ws.owner = this;
        this.sockets.add(ws);
      },
      getWebSockets: (tag?: string) =>
        [...this.sockets].filter((ws) => tag === undefined || ws.tags.includes(tag)),
      setWebSocketAutoResponse: (pair: WebSocketRequestResponsePair) => {
        this.#autoResponse = pair;
      },
      getWebSocketAutoResponseTimestamp: (ws: ServerSocket) =>
        ws.autoResponseAt === null ? null : new Date(ws.autoResponseAt),
    };
  }

  #storage(memory: Actor): unknown {
    const mine = () => {
      if (!memory.alive) throw new Error("this memory was lost");
    };
    return {
      sql: {
        databaseSize: 4_096,
        exec: (query: string, ...bindings: unknown[]) => {
          mine();
          if (this.db.writes(query)) this.#write();
          return cursorOf(this.db, query, bindings);
        },
      },
      transactionSync: <T>(change: () => T): T => {
        mine();
        this.#write();
        const alarm = this.#alarm;
        try {
          return this.db.nested(change);
        } catch (error) {
          this.#alarm = alarm;
          throw error;
        }
      },
      getAlarm: async () => this.#alarm,
      setAlarm: async (at: number) => {
        mine();
        this.#write();
        this.#alarm = at;
      },
    };
  }

  #write(): void {
    if (this.#batch !== null) return;
    this.db.exec("BEGIN");
    const [low, high] = this.#mood.commitMs;
    const breaks = this.breaksAtWrite;
    this.breaksAtWrite = false;
    const handle = sim().after(this.random.int(low, high), sim().nature, () => {
      if (breaks) this.abort();
      else this.#commit();
    });
    this.#batch = { outputs: [], handle };
  }

  #commit(): void {
    const { outputs } = this.#batch!;
    this.db.exec("COMMIT");
    this.#batch = null;
    this.#durableAlarm = this.#alarm;
    this.#ring();
    this.onCommit(this);
    for (const leave of outputs) leave();
  }

  #ring(): void {
    this.#ringing?.cancel();
    this.#ringing = null;
    const due = this.#durableAlarm;
    if (due === null) return;
    const [low, high] = this.#mood.alarmLateMs;
    const inMs = due - sim().wall() - this.clockOffset;
    this.#ringing = sim().after(Math.max(0, inMs) + this.random.int(low, high), sim().nature, () =>
      this.#fire(due),
    );
  }

  #fire(due: number): void {
    this.#ringing = null;
    // One turn at a time: the next alarm waits for the end of this one.
    if (this.#isRinging) return;
    this.#noteAlarm();
    if (this.#alarm === due) this.#alarm = null;
    this.#durableAlarm = null;
    const twice = this.random.chance(this.#mood.alarmTwice);
    if (twice) this.counts("alarm came twice");
    this.#isRinging = true;
    this.deliver(async (instance) => {
      await instance.alarm();
      if (twice) await instance.alarm();
      this.#isRinging = false;
      if (this.#batch === null) {
        this.#durableAlarm = this.#alarm;
        this.#ring();
      }
    });
  }

  #noteAlarm(): void {
    this.#rang.push(sim().now);
    if (this.#rang.length <= MOST_ALARMS) return;
    const since = sim().now - this.#rang.shift()!;
    if (since < ALARMS_WITHIN_MS)
      sim().fail(
        "alarms-rest",
        `${this.actor.name} had ${MOST_ALARMS} alarms within ${since} ms: ${this.#due()}`,
      );
  }

  #due(): string {
    const now = sim().wall() + this.clockOffset;
    return JSON.stringify(
      this.db
        .all<{ kind: string; due: number }>("SELECT kind, due FROM agenda ORDER BY due")
        .map(({ kind, due }) => [kind, due - now]),
    );
  }

  /** A message of the other side; a ping is answered by the runtime. */
  receive(ws: ServerSocket, data: string | Uint8Array): void {
    if (!this.sockets.has(ws) || ws.readyState > 2) return;
    if (typeof data === "string" && data === this.#autoResponse?.request) {
      if (ws.readyState !== 1) return;
      ws.autoResponseAt = sim().wall() + this.clockOffset;
      ws.peer?.message(this.#autoResponse.response);
      return;
    }
    const payload = typeof data === "string" ? data : new Uint8Array(data).buffer;
    this.deliver((instance) => {
      // A message that came before the close is delivered after it only where the object closed.
      if (this.sockets.has(ws)) return instance.webSocketMessage(ws, payload);
    });
  }

  /** The other side closed, or its answer to our close came. */
  gone(ws: ServerSocket, code: number, reason: string): void {
    if (!this.sockets.has(ws)) return;
    ws.readyState = 3;
    this.deliver((instance) => {
      const closing = instance.webSocketClose(ws, code, reason, code !== 1006);
      return closing;
    });
    sim().after(0, this.actor, () => this.sockets.delete(ws));
  }
}

function cursorOf(db: Database, query: string, bindings: readonly unknown[]) {
  const result = db.run(query, bindings);
  let at = 0;
  const cursor = {
    rowsWritten: result.columns ? 0 : result.changes,
    rowsRead: result.rows.length,
    toArray: () => result.rows,
    one: () => result.rows[0],
    next: () =>
      at < result.rows.length
        ? { done: false, value: result.rows[at++] }
        : { done: true, value: undefined },
    raw: () => ({ toArray: () => result.rows.map((row) => Object.values(row)) }),
    [Symbol.iterator]: () => result.rows[Symbol.iterator](),
  };
  return cursor;
}

export { ServerSocket };
