// All instances of this host: takes requests, keeps what is wanted on the disk, and takes everything up
// again after a restart of the keeper or of the host.
//
// 1. Clients hear of a change only after the work that made it: whoever reads the news would take the CPU from
//    the programs that are being started. News never come after the answer, or the welcome, that they precede.
import { chmodSync } from "node:fs";
import type { Exit } from "../../protocol/instance.ts";
import type {
  FromKeeper,
  KeeperErrorCode,
  KeeperInstance,
  KeeperLease,
  KeeperObserved,
  ToKeeper,
} from "../../protocol/keeper.ts";
import { AdoptionWatch } from "./adoption.ts";
import type { InstanceStore } from "./instance-store.ts";
import { type LedgerEntry, lastAttempt } from "./ledger.ts";
import { Lull } from "./lull.ts";
import { type House, Occupant } from "./occupant.ts";
import { NEW_LIFE } from "./policy.ts";
import { isAlive } from "./procfs.ts";
import { recover } from "./recovery.ts";
import { type Cancel, messageOf, unreachable } from "./world.ts";

export type Command = Exclude<ToKeeper, { type: "hello" }>;

export type Answer =
  /** `last`: nothing runs any more, the keeper ends after this answer. */
  | { readonly ok: true; readonly last?: true }
  | { readonly ok: false; readonly code: KeeperErrorCode; readonly message: string };

const DONE: Answer = { ok: true };
/** By then a start has settled; a program that ends sooner is in a loop and waits anyway. */
const PREPARE = { quietMs: 10, latestMs: 200 } as const;
/** After the set of instances changed, and no sooner: a collection takes some 10 ms, in which nothing restarts. */
const TIDY = { quietMs: 5_000, latestMs: 60_000 } as const;
const NEWS = { quietMs: 1, latestMs: 25 } as const;

export interface SupervisorOptions extends Omit<House, "adoption" | "prepareLull"> {
  readonly store: InstanceStore;
}

export class Supervisor {
  readonly #house: House;
  readonly #store: InstanceStore;
  readonly #tell: House["emit"];
  readonly #tidyLull: Lull;
  #tidying: Cancel | null = null;
  readonly #occupants = new Map<string, Occupant>();
  #news: FromKeeper[] = [];
  #newsTimer: Cancel | null = null;
  /** Set once the host goes down: who waits until nothing runs. */
  #downWaiters: (() => void)[] | null = null;

  constructor(options: SupervisorOptions) {
    const { store, ...house } = options;
    const newsLull = new Lull(house.world, NEWS);
    const emit = (message: FromKeeper) => {
      this.#news.push(message);
      this.#newsTimer?.();
      this.#newsTimer = newsLull.add(() => this.#tellNews());
      if (message.type === "instance") this.#checkDown();
    };
    this.#tell = house.emit;
    this.#tidyLull = new Lull(house.world, TIDY);
    const adoption = new AdoptionWatch(house.world, house.fence);
    this.#house = { ...house, emit, adoption, prepareLull: new Lull(house.world, PREPARE) };
    this.#store = store;
  }

  /** Takes up what an earlier keeper left. Call once, before any request. */
  resume(): void {
    const instances = this.#store.load();
    const known = new Set(instances.map((instance) => instance.instanceId));
    this.#house.fence.sweep(known);
    this.#house.limiter.sweep(known);
    // Whoever restarted us may have closed the directory to users of programs that run.
    if (instances.some(({ user }) => user)) letPass(this.#house.stateDir);
    const { entries } = this.#house.journal.ledger;
    for (const [id, entry] of [...entries]) if (!known.has(id)) this.#bury(id, entry);
    for (const instance of instances) this.#takeUp(instance, entries.get(instance.instanceId));
  }

  /** The whole state for a new client; what the others were not told yet goes out before it. */
  state(): { readonly instances: KeeperObserved[]; readonly exits: Exit[] } {
    this.#tellNews();
    return {
      instances: [...this.#occupants.values()].map((occupant) => occupant.observe()),
      exits: [...this.#house.journal.ledger.exits.values()],
    };
  }

  async handle(command: Command): Promise<Answer> {
    const answer = await this.#handle(command);
    this.#tellNews();
    return answer;
  }

  async #handle(command: Command): Promise<Answer> {
    try {
      switch (command.type) {
        case "ensure":
          return await this.#ensure(command.instance);
        case "stop":
          return await this.#stop(command);
        case "forget":
          this.#house.journal.forget(command.exits);
          return DONE;
        case "remove":
          return await this.#remove(command.instanceId);
        case "lease":
          this.#lease(command.leases);
          return DONE;
        case "shutdown":
          return await this.#shutdown(command);
        default:
          return unreachable(command);
      }
    } catch (error) {
      return refused("disk", messageOf(error));
    }
  }

  async #ensure(instance: KeeperInstance): Promise<Answer> {
    const { instanceId } = instance;
    if (!this.#occupants.has(instanceId)) {
      if (!this.#house.journal.hasRoom())
        return refused("disk", "the journal has no room for more");
      const attempt = lastAttempt(this.#house.journal.ledger, instanceId, this.#house.bootId);
      const over = whyOver(instance, { attempt, bootId: this.#house.bootId });
      if (over !== null) return refused("over", over);
      this.#store.write(instance);
      const occupant = this.#add(instance, { ...NEW_LIFE, attempt });
      this.#tidySoon();
      // Were the power lost, the file tells that it began.
      if (instance.once) await this.#settleOr(instanceId, () => this.#giveUp(instanceId));
      // A host that goes down keeps it for the next time.
      if (this.#downWaiters === null) occupant.dispatch({ type: "wanted" });
      else occupant.goDown(0);
    }
    await this.#store.settled(instanceId);
    return DONE;
  }

  async #settleOr(instanceId: string, undo: () => Promise<void>): Promise<void> {
    try {
      await this.#store.settled(instanceId);
    } catch (error) {
      await undo();
      throw error;
    }
  }

  /** It is as if it had never been asked for: the next keeper must not find what this one refused. */
  async #giveUp(instanceId: string): Promise<void> {
    this.#occupants.delete(instanceId);
    try {
      await this.#store.remove(instanceId);
    } catch (error) {
      this.#house.world.log(`${instanceId} may be left on the disk: ${messageOf(error)}`);
    }
  }

  /** The mark is written and the signal sent at once; the answer waits until the mark is on the disk. */
  async #stop(command: Extract<Command, { type: "stop" }>): Promise<Answer> {
    const occupant = this.#occupants.get(command.instanceId);
    if (occupant === undefined) return refused("unknown_instance", "no such instance");
    occupant.stop(command.reason, command.graceMs);
    await this.#house.journal.synced();
    return DONE;
  }

  /** One record for all that have the same lease, which is all of them; none while the host goes down. */
  #lease(leases: readonly KeeperLease[]): void {
    const { bootId, journal, world } = this.#house;
    const known = leases
      .filter(({ instanceId }) => this.#occupants.get(instanceId)?.instance.mode === "exclusive")
      .map(({ instanceId, termAtMs, killAtMs, sleptMs = world.sleptMs() }) => {
        return { instanceId, termAtMs: termAtMs + sleptMs, killAtMs: killAtMs + sleptMs };
      });
    const groups = Map.groupBy(known, ({ termAtMs, killAtMs }) => `${termAtMs} ${killAtMs}`);
    for (const same of this.#downWaiters === null ? groups.values() : []) {
      const { termAtMs, killAtMs } = same[0]!;
      const ids = same.map(({ instanceId }) => instanceId);
      journal.append({ t: "lease", bootId, lease: { termAtMs, killAtMs }, ids });
    }
    for (const { instanceId, termAtMs, killAtMs } of known) {
      const lease = { termAtMs, killAtMs };
      this.#occupants.get(instanceId)?.dispatch({ type: "leased", lease });
    }
  }

  async #remove(instanceId: string): Promise<Answer> {
    const occupant = this.#occupants.get(instanceId);
    // Removed is what was asked for: a repeated request finds it so.
    if (occupant === undefined) return DONE;
    if (!occupant.release()) return refused("still_running", "it still has a process");
    this.#occupants.delete(instanceId);
    this.#tidySoon();
    await this.#store.remove(instanceId);
    this.#house.journal.append({ t: "remove", id: instanceId });
    this.#house.emit({ type: "removed", instanceId });
    return DONE;
  }

  async #shutdown({ graceMs, only }: Extract<Command, { type: "shutdown" }>): Promise<Answer> {
    const down = new Promise<void>((resolve) => {
      this.#downWaiters = [...(this.#downWaiters ?? []), resolve];
    });
    for (const occupant of this.#occupants.values()) {
      if (only === undefined || occupant.instance.mode === only) occupant.goDown(graceMs);
    }
    this.#checkDown();
    await down;
    await this.#house.journal.synced();
    return { ok: true, last: true };
  }

  /** V8 keeps what a burst of requests left until it needs the room, which in a keeper is never: 2 MB. */
  #tidySoon(): void {
    this.#tidying?.();
    this.#tidying = this.#tidyLull.add(() =>
      globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" }),
    );
  }

  #tellNews(): void {
    this.#newsTimer?.();
    this.#newsTimer = null;
    const news = this.#news;
    this.#news = [];
    for (const message of news) this.#tell(message);
  }

  #checkDown(): void {
    if (this.#downWaiters === null) return;
    if (![...this.#occupants.values()].every((occupant) => occupant.isDown())) return;
    for (const resolve of this.#downWaiters) resolve();
  }

  #add(instance: KeeperInstance, life: ConstructorParameters<typeof Occupant>[2]): Occupant {
    const occupant = new Occupant(this.#house, instance, life);
    this.#occupants.set(instance.instanceId, occupant);
    return occupant;
  }

  #takeUp(instance: KeeperInstance, entry: LedgerEntry | undefined): void {
    const open = entry?.open ?? null;
    const alive = open?.pid != null && open.born !== null && isAlive(open.pid, open.born);
    const once = instance.once ?? null;
    const recovery = recover(entry, { bootId: this.#house.bootId, alive, once });
    if (recovery.kind === "rebooted" && entry !== undefined) {
      this.#closeUnseen(instance.instanceId, entry, {
        detail: recovery.detail,
        once: once !== null,
      });
    }
    this.#add(instance, recovery.life).resume(recovery, open);
  }

  /** The exit of an attempt that ended with the host, at the latest with this boot; or just now, with its instance. */
  #closeUnseen(
    instanceId: string,
    entry: LedgerEntry,
    { detail, once }: { readonly detail: string; readonly once: boolean },
  ): void {
    const { open, stop } = entry;
    if (open === null) return;
    const { world, journal } = this.#house;
    const rebooted = entry.bootId !== this.#house.bootId;
    const latest = world.wallMs() - (rebooted ? world.nowMs() : 0);
    const exitedAt = Math.max(open.startedAt, Math.round(latest));
    const exit: Exit = {
      instanceId,
      bootId: entry.bootId,
      attempt: entry.attempt,
      pid: open.pid,
      startedAt: open.startedAt,
      exitedAt,
      uptimeMs: exitedAt - open.startedAt,
      exitCode: null,
      signal: null,
      oom: false,
      reason: stop?.reason ?? (rebooted ? "host_rebooted" : "unknown"),
      restartInMs: stop === null && !once ? 0 : null,
      collapsed: 0,
      detail,
    };
    journal.append({ t: "exit", exit, restarts: 0, dueMs: null });
  }

  /** An instance without its file: half removed. Its attempt, if one was open, still gets its end. */
  #bury(instanceId: string, entry: LedgerEntry): void {
    const { open } = entry;
    if (open !== null) {
      const alive = open.pid !== null && open.born !== null && isAlive(open.pid, open.born);
      const leader = alive ? { pid: open.pid!, born: open.born!, reaped: false } : null;
      this.#house.fence.kill(instanceId, leader);
      const detail = "Its instance was no longer on the disk.";
      this.#closeUnseen(instanceId, entry, { detail, once: false });
    }
    this.#house.journal.append({ t: "remove", id: instanceId });
  }
}

/** Through it, not into it: nothing in it can be listed. */
function letPass(stateDir: string): void {
  try {
    chmodSync(stateDir, 0o711);
  } catch {}
}

/** Why what is to run once is not begun; null where it may be, and for all else. */
function whyOver(
  { once }: KeeperInstance,
  known: { readonly attempt: number; readonly bootId: string },
): string | null {
  if (once === undefined) return null;
  if (once.bootId !== known.bootId) return "the host was restarted since it was asked for";
  return known.attempt > 0 ? "it ran already" : null;
}

function refused(code: KeeperErrorCode, message: string): Answer {
  return { ok: false, code, message };
}

export function welcome(
  supervisor: Supervisor,
  host: Pick<
    Extract<FromKeeper, { type: "welcome" }>,
    "protocol" | "bootId" | "pid" | "containment" | "house"
  >,
): FromKeeper {
  return { type: "welcome", ...host, ...supervisor.state() };
}
