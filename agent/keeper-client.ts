// Speaks with the keeper and mirrors what it says: instances and exits that nobody forgot yet.
//
// 1. Before the first welcome nothing is known: `synced` is false, and nobody may conclude that nothing runs.
// 2. While the keeper is away the last state stays; its next welcome replaces it whole.
// 3. A request whose connection ends is rejected; every request may be repeated.

import type { StopReason } from "../protocol/instance.ts";
import { type AttemptKey, attemptKey, type Exit } from "../protocol/instance.ts";
import {
  type Containment,
  type FromKeeper,
  KEEPER_LEASES_SINCE,
  KEEPER_ONCE_SINCE,
  KEEPER_PROTOCOL,
  type KeeperErrorCode,
  type KeeperHouse,
  type KeeperInstance,
  type KeeperLease,
  type KeeperObserved,
  type ToKeeper,
} from "../protocol/keeper.ts";
import { type KeeperPipe, type Log, messageOf, type Timer, type World } from "./world.ts";

const RETRY_FIRST_MS = 20;
const RETRY_CAP_MS = 1_000;

/** An instance as the keeper told it, and when by the steady clock: durations in its state count from `toldAt`. */
export interface Mirrored {
  readonly observed: KeeperObserved;
  readonly toldAt: number;
}

export interface KeeperHost {
  readonly protocol: number;
  readonly bootId: string;
  readonly containment: Containment;
  /** Absent from a keeper that is older than limits. */
  readonly house?: KeeperHouse;
}

export type KeeperAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: KeeperErrorCode | "away"; readonly message: string };

export interface KeeperEvents {
  /** The whole state was replaced. */
  synced(): void;
  instance(observed: KeeperObserved): void;
  removed(instanceId: string, workerId: string | undefined): void;
  exit(exit: Exit): void;
}

type Phase =
  | { readonly kind: "stopped" }
  | { readonly kind: "waiting"; readonly timer: Timer }
  | { readonly kind: "connecting"; readonly pipe: KeeperPipe }
  | { readonly kind: "open"; readonly pipe: KeeperPipe };

type Unnumbered<T> = T extends { id: number } ? Omit<T, "id"> : never;
type Request = Unnumbered<ToKeeper>;

export class KeeperClient {
  readonly #world: World;
  readonly #log: Log;
  readonly #events: KeeperEvents;
  readonly #instances = new Map<string, Mirrored>();
  readonly #exits = new Map<string, Exit>();
  readonly #waiting = new Map<number, (answer: KeeperAnswer) => void>();
  #phase: Phase = { kind: "stopped" };
  #rest = "";
  #nextId = 1;
  #failures = 0;
  #host: KeeperHost | null = null;
  #sessions = 0;
  #present = false;

  constructor(options: { world: World; log: Log; events: KeeperEvents }) {
    this.#world = options.world;
    this.#log = options.log;
    this.#events = options.events;
  }

  get synced(): boolean {
    return this.#host !== null;
  }

  /** Names the connection whose word the mirror is; null while the keeper is away, and may know more than that. */
  get session(): number | null {
    return this.#present ? this.#sessions : null;
  }

  /** What the last welcome said; null before the first. */
  get host(): KeeperHost | null {
    return this.#host;
  }

  get instances(): ReadonlyMap<string, Mirrored> {
    return this.#instances;
  }

  /** Unforgotten exits by attempt key, in the order in which the keeper told them. */
  get exits(): ReadonlyMap<string, Exit> {
    return this.#exits;
  }

  start(): void {
    if (this.#phase.kind === "stopped") this.#connect();
  }

  stop(): void {
    const phase = this.#phase;
    this.#phase = { kind: "stopped" };
    if (phase.kind === "waiting") phase.timer.cancel();
    if (phase.kind === "open" || phase.kind === "connecting") phase.pipe.destroy();
    this.#rejectAll();
  }

  ensure(instance: KeeperInstance): Promise<KeeperAnswer> {
    return this.#request({ type: "ensure", instance });
  }

  /** Has it run once, in the present boot. A keeper that would run it again and again is not given it: `protocol`. */
  begin(instance: Omit<KeeperInstance, "once">): Promise<KeeperAnswer> {
    const host = this.#host;
    if (host !== null && host.protocol < KEEPER_ONCE_SINCE)
      return Promise.resolve({ ok: false, code: "protocol", message: "the keeper is too old" });
    const once = { bootId: host?.bootId ?? "" };
    return this.#request({ type: "ensure", instance: { ...instance, once } });
  }

  stopInstance(stop: {
    instanceId: string;
    graceMs: number;
    reason: StopReason;
  }): Promise<KeeperAnswer> {
    return this.#request({ type: "stop", ...stop });
  }

  async forget(exits: readonly AttemptKey[]): Promise<KeeperAnswer> {
    const keys = exits.map(({ instanceId, bootId, attempt }) => ({ instanceId, bootId, attempt }));
    const answer = await this.#request({ type: "forget", exits: keys });
    if (answer.ok) for (const key of keys) this.#exits.delete(attemptKey(key));
    return answer;
  }

  remove(instanceId: string): Promise<KeeperAnswer> {
    return this.#request({ type: "remove", instanceId });
  }

  lease(leases: readonly KeeperLease[]): Promise<KeeperAnswer> {
    if (this.#host !== null && this.#host.protocol < KEEPER_LEASES_SINCE)
      return Promise.resolve({ ok: false, code: "protocol", message: "the keeper is too old" });
    return this.#request({ type: "lease", leases });
  }

  #request(request: Request): Promise<KeeperAnswer> {
    const phase = this.#phase;
    if (phase.kind !== "open" || this.#host === null)
      return Promise.resolve({ ok: false, code: "away", message: "the keeper is away" });
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      phase.pipe.write(`${JSON.stringify({ ...request, id })}\n`);
    });
  }

  #connect(): void {
    this.#rest = "";
    const pipe = this.#world.connectKeeper({
      opened: () => {
        this.#phase = { kind: "open", pipe };
        pipe.write(`${JSON.stringify({ type: "hello", protocol: KEEPER_PROTOCOL })}\n`);
      },
      data: (chunk) => this.#data(chunk),
      closed: (message) => this.#closed(message),
    });
    this.#phase = { kind: "connecting", pipe };
  }

  #closed(message: string): void {
    if (this.#phase.kind === "stopped" || this.#phase.kind === "waiting") return;
    if (this.#failures === 0)
      this.#log.warn("keeper away", { message, next: "programs go on; connecting again" });
    this.#present = false;
    const delayMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#phase = { kind: "waiting", timer: this.#world.after(delayMs, () => this.#connect()) };
    this.#rejectAll();
  }

  #rejectAll(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting)
      resolve({ ok: false, code: "away", message: "the keeper went away" });
  }

  #data(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      let message: FromKeeper;
      try {
        message = JSON.parse(line) as FromKeeper;
      } catch {
        this.#log.warn("keeper sent a line that is not JSON");
        continue;
      }
      try {
        this.#take(message);
      } catch (error) {
        // The next welcome tells everything again.
        this.#log.error("keeper's word not carried out", { message: messageOf(error) });
        if (this.#phase.kind === "open") this.#phase.pipe.destroy();
        return;
      }
    }
  }

  #take(message: FromKeeper): void {
    const toldAt = this.#world.elapsed();
    switch (message.type) {
      case "welcome": {
        this.#failures = 0;
        this.#sessions += 1;
        this.#present = true;
        const { protocol, bootId, containment, house, pid } = message;
        this.#host = { protocol, bootId, containment, ...(house ? { house } : {}) };
        this.#instances.clear();
        this.#exits.clear();
        for (const observed of message.instances)
          this.#instances.set(observed.instanceId, { observed, toldAt });
        for (const exit of message.exits) this.#exits.set(attemptKey(exit), exit);
        const { length: instances } = message.instances;
        this.#log.info("keeper connected", { pid, instances, exits: message.exits.length });
        this.#events.synced();
        return;
      }
      case "instance":
        this.#instances.set(message.instance.instanceId, { observed: message.instance, toldAt });
        this.#events.instance(message.instance);
        return;
      case "removed": {
        const workerId = this.#instances.get(message.instanceId)?.observed.workerId;
        this.#instances.delete(message.instanceId);
        this.#events.removed(message.instanceId, workerId);
        return;
      }
      case "exit":
        this.#exits.set(attemptKey(message.exit), message.exit);
        this.#events.exit(message.exit);
        return;
      case "done":
        this.#answer(message.id, { ok: true });
        return;
      case "failed": {
        const { code, message: text } = message;
        if (message.id === 0) this.#log.error("keeper refused", { code, message: text });
        this.#answer(message.id, { ok: false, code, message: text });
        return;
      }
      default:
        // A newer keeper may say more than we know.
        return;
    }
  }

  #answer(id: number, answer: KeeperAnswer): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(answer);
  }
}
