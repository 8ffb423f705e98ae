// The leases of one worker's exclusive instances: asked of its object again and again, and handed to the keeper.
//
// 1. A lease counts from when its request was SENT, by the host's steady clock and what it slept since, never from when
//    the answer came.
// 2. Only the answer to a request of this channel counts: what was asked on an earlier one is forgotten with it.
// 3. Whatever the keeper has of an exclusive instance that may still run something is renewed, a stopping one too.
import { CHANNEL_LEASES_SINCE, type Granted, type Renew } from "../protocol/channel.ts";
import type { KeeperLease, KeeperObserved } from "../protocol/keeper.ts";
import type { Policy } from "../protocol/policy.ts";
import type { KeeperAnswer } from "./keeper-client.ts";
import type { Log, Timer, World } from "./world.ts";

/** `renew` holds so many at most; a keeper knows fewer. */
const MOST_INSTANCES = 2_000;
/** Instances that appear together are asked for together. */
const COALESCE_MS = 10;

/** The exclusive instances for which a lease is to be asked. Pure. */
export function whatToRenew(instances: Iterable<KeeperObserved>): string[] {
  const ids: string[] = [];
  for (const { instanceId, mode, state } of instances)
    if (mode === "exclusive" && state.kind !== "stopped") ids.push(instanceId);
  return ids.slice(0, MOST_INSTANCES);
}

/** A request on its way. */
export interface Asked {
  /** ms on the host's CLOCK_MONOTONIC, taken before it was sent. */
  readonly sentMs: number;
  /** What the host had slept by then: what it sleeps afterwards is taken off the lease. */
  readonly sleptMs: number;
  readonly instances: readonly string[];
}

export interface RenewalInput {
  readonly wanted: readonly string[];
  /** The last request on this channel; null before the first. */
  readonly last: Asked | null;
  readonly nowMs: number;
  readonly renewMs: number;
}

/** When the next request is due, ms from now: at once where one appeared since the last; null where there is none. Pure. */
export function nextRenewalMs({ wanted, last, nowMs, renewMs }: RenewalInput): number | null {
  if (wanted.length === 0) return null;
  const asked = new Set(last?.instances);
  if (last === null || wanted.some((id) => !asked.has(id))) return 0;
  return Math.max(0, last.sentMs + renewMs - nowMs);
}

/** What an answer is worth: the lease of each instance that was asked for and granted. Pure. */
export function leasesOf(
  asked: Asked,
  granted: readonly string[],
  { termMs, killMs }: Pick<Policy["lease"], "termMs" | "killMs">,
): KeeperLease[] {
  const given = new Set(granted);
  const [termAtMs, killAtMs] = [asked.sentMs + termMs, asked.sentMs + Math.max(termMs, killMs)];
  return asked.instances
    .filter((instanceId) => given.has(instanceId))
    .map((instanceId) => ({ instanceId, termAtMs, killAtMs, sleptMs: asked.sleptMs }));
}

export interface LeasesOptions {
  readonly world: Pick<World, "elapsed" | "sleptMs" | "after">;
  readonly log: Log;
  readonly workerId: string;
  readonly policy: () => Policy["lease"];
  /** This worker's, as the keeper tells them. */
  readonly instances: () => Iterable<KeeperObserved>;
  readonly send: (renew: Renew) => boolean;
  readonly grant: (leases: readonly KeeperLease[]) => Promise<KeeperAnswer>;
}

export class Leases {
  readonly #options: LeasesOptions;
  readonly #asked = new Map<number, Asked>();
  /** The channel is open, and the other side knows of leases. */
  #open = false;
  #last: Asked | null = null;
  #lastId = 0;
  #timer: Timer | null = null;
  /** When the timer is due; whatever changes meanwhile does not put it off. */
  #timerMs = 0;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** `protocol`: what both sides of the channel speak. */
  opened(protocol: number): void {
    this.#open = protocol >= CHANNEL_LEASES_SINCE;
    this.changed();
  }

  closed(): void {
    this.#open = false;
    this.#asked.clear();
    this.#last = null;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Another keeper, which an answer may have missed: asks for all of them anew. */
  synced(): void {
    this.#last = null;
    this.changed();
  }

  /** Something of the instances changed. */
  changed(): void {
    if (!this.#open) return;
    const { world } = this.#options;
    const dueMs = this.#dueMs(whatToRenew(this.#options.instances()));
    if (dueMs === null) return;
    const delayMs = Math.max(COALESCE_MS, dueMs);
    const atMs = world.elapsed() + delayMs;
    if (this.#timer !== null && this.#timerMs <= atMs) return;
    this.#timer?.cancel();
    this.#timerMs = atMs;
    this.#timer = world.after(delayMs, () => {
      this.#timer = null;
      this.#renew();
      this.changed();
    });
  }

  granted({ id, instances }: Granted): void {
    const { policy, grant, log, workerId } = this.#options;
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    const leases = leasesOf(asked, instances, policy());
    if (leases.length === 0) return;
    void grant(leases).then((answer) => {
      if (!answer.ok) log.warn("lease not taken", { workerId, message: answer.message });
    });
  }

  #dueMs(wanted: readonly string[]): number | null {
    const { world, policy } = this.#options;
    const { renewMs } = policy();
    return nextRenewalMs({ wanted, last: this.#last, nowMs: world.elapsed(), renewMs });
  }

  #renew(): void {
    const { world, instances, policy, send } = this.#options;
    const wanted = whatToRenew(instances());
    if (this.#dueMs(wanted) !== 0) return;
    const asked: Asked = {
      sentMs: world.elapsed(),
      sleptMs: world.sleptMs(),
      instances: wanted,
    };
    const id = ++this.#lastId;
    if (!send({ type: "renew", id, instances: wanted })) return;
    this.#last = asked;
    this.#asked.set(id, asked);
    // An answer that comes later than this is worth nothing.
    for (const [old, { sentMs }] of this.#asked)
      if (sentMs + policy().killMs < asked.sentMs) this.#asked.delete(old);
  }
}
