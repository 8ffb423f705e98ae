// One instance: carries out what the policy decides for it, and tells the journal and the clients.
//
// 1. The intent to start is in the journal before the spawn, the stop mark and that of a fence before the first signal.
// 2. On the way from an exit to the next spawn nothing waits: not for the disk, not for a client.
import type { AttemptKey, Exit, StopReason } from "../../protocol/instance.ts";
import type {
  FromKeeper,
  KeeperInstance,
  KeeperObserved,
  KeeperState,
} from "../../protocol/keeper.ts";
import type { AdoptionWatch } from "./adoption.ts";
import type { Fence, Leader } from "./fence.ts";
import type { Journal } from "./journal.ts";
import type { OpenAttempt } from "./ledger.ts";
import type { Limiter } from "./limiter.ts";
import type { Lull } from "./lull.ts";
import { OomWatch } from "./oom.ts";
import { decide, type Life, type LifeEvent, type Verdict, wakeAtMs } from "./policy.ts";
import { discardOutputs, type End, joinDetails, prepareOutputs, spawnAttempt } from "./process.ts";
import type { Recovery } from "./recovery.ts";
import { type Cancel, unreachable, type World } from "./world.ts";

/** What all instances of a keeper share. */
export interface House {
  readonly stateDir: string;
  readonly bootId: string;
  readonly world: World;
  readonly journal: Journal;
  readonly fence: Fence;
  readonly limiter: Limiter;
  /** Put before a command that runs as a user of its own; null where nothing is. */
  readonly setpriv: string | null;
  readonly adoption: AdoptionWatch;
  /** When the output files of next attempts are made. */
  readonly prepareLull: Lull;
  /** What children are set to where the keeper protects itself; null where it doesn't. */
  readonly childOomScoreAdj: number | null;
  readonly emit: (message: FromKeeper) => void;
}

/** The attempt under way, or the last one. */
interface Attempt {
  readonly startedAt: number;
  readonly startedMs: number;
  readonly adopted: boolean;
  pid: number | null;
  born: number | null;
  ended: boolean;
}

/** After a suspension a fence that fell due meanwhile acts so much later at most. */
const SLEEP_LOOK_MS = 1_000;
const EMPTY_POLL_FIRST_MS = 2;
const EMPTY_POLL_LAST_MS = 100;

export class Occupant {
  readonly instance: KeeperInstance;
  readonly #house: House;
  #life: Life;
  #attempt: Attempt | null = null;
  /** How the attempt ended, for the `close` that the policy answers with. */
  #end: End = { exitCode: null, signal: null, detail: null };
  readonly #events: LifeEvent[] = [];
  #draining = false;
  #goingDown = false;
  #outbox: FromKeeper[] = [];
  #told: Life | null = null;
  #timer: Cancel | null = null;
  #emptyTimer: Cancel | null = null;
  #prepareTimer: Cancel | null = null;
  /** The attempt whose output files lie ready; 0 where none do. */
  #prepared = 0;
  #unwatch: Cancel | null = null;
  readonly #oom: OomWatch;

  constructor(house: House, instance: KeeperInstance, life: Life) {
    this.#house = house;
    this.instance = instance;
    this.#oom = new OomWatch(instance, house);
    this.#life = life;
  }

  dispatch(event: LifeEvent): void {
    this.#events.push(event);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#handle(next);
    } finally {
      this.#draining = false;
    }
    this.#arm();
    this.#tell();
  }

  stop(reason: StopReason, graceMs: number): void {
    this.dispatch({ type: "stop", reason, graceMs });
  }

  /** Stops it without a mark, because the host goes down: the next keeper starts it afresh. */
  goDown(graceMs: number): void {
    this.#goingDown = true;
    this.#house.journal.append({ t: "fresh", id: this.instance.instanceId });
    this.stop("stopped", Math.min(graceMs, this.instance.graceMs));
  }

  /** It is not to go down; or nothing of it runs, and nothing will. */
  isDown(): boolean {
    return !this.#goingDown || this.#life.phase.kind === "stopped";
  }

  /** Takes the instance up after the keeper's own restart. */
  resume(recovery: Recovery, open: OpenAttempt | null): void {
    if (open !== null && recovery.kind !== "rebooted") {
      this.#attempt = { ...open, adopted: true, ended: false };
      // What was killed for memory before us is no news of this attempt.
      this.#oom.take();
    }
    switch (recovery.kind) {
      case "adopt":
        this.#adopt(recovery.terminate);
        return;
      case "missed":
        this.#missed(recovery.detail);
        return;
      case "rebooted":
        if (recovery.life.phase.kind === "waiting") this.dispatch({ type: "wanted" });
        return;
      case "idle":
        if (recovery.event !== null) this.dispatch(recovery.event);
        else if (recovery.life.phase.kind !== "stopped") this.#awaitEmpty(false);
        this.#arm();
        return;
      default:
        unreachable(recovery);
    }
  }

  /** Lets go of an instance without a process; false where it still has one. */
  release(): boolean {
    const { kind } = this.#life.phase;
    const idle = kind === "stopped" || kind === "waiting" || kind === "backoff";
    if (!idle || !this.#house.fence.isEmpty(this.instance.instanceId, this.#leader())) return false;
    this.#timer?.();
    this.#emptyTimer?.();
    // Perhaps an earlier keeper laid them ready.
    const next = this.#key(this.#life.attempt + 1);
    discardOutputs({ stateDir: this.#house.stateDir, key: next });
    this.#house.fence.release(this.instance.instanceId);
    this.#house.limiter.release(this.instance.instanceId);
    return true;
  }

  observe(): KeeperObserved {
    const { instanceId, workerId, slot, generation, release, mode, once } = this.instance;
    const { attempt, restarts } = this.#life;
    const state = this.#state();
    const seen = {
      instanceId,
      workerId,
      slot,
      generation,
      release,
      attempt,
      restarts,
      state,
      mode,
    };
    return once ? { ...seen, once: true } : seen;
  }

  #state(): KeeperState {
    const { attempt, phase } = this.#life;
    const process = this.#attempt;
    switch (phase.kind) {
      case "waiting":
        return { kind: "starting" };
      case "clearing":
        return attempt === 0 ? { kind: "starting" } : { kind: "backoff", attempt, restartInMs: 0 };
      case "running": {
        if (process?.pid == null) return { kind: "starting" };
        const { pid, startedAt, adopted } = process;
        const uptimeMs = this.#uptimeMs();
        return { kind: "running", attempt, pid, startedAt, uptimeMs, adopted };
      }
      case "backoff": {
        const left = phase.dueMs - this.#house.world.nowMs();
        return { kind: "backoff", attempt, restartInMs: Math.max(0, Math.round(left)) };
      }
      case "fencing":
      case "stopping": {
        const pid = phase.alive ? (process?.pid ?? null) : null;
        if (phase.kind === "fencing")
          return { kind: "stopping", attempt, pid, reason: "fenced", fencing: true };
        return { kind: "stopping", attempt, pid, reason: phase.reason };
      }
      case "stopped":
        return { kind: "stopped", attempt, reason: phase.reason };
      default:
        return unreachable(phase);
    }
  }

  #handle(event: LifeEvent): void {
    const { world } = this.#house;
    const before = this.#life.phase;
    const { life, verdicts } = decide(this.#life, event, {
      nowMs: world.nowMs(),
      random: world.random(),
      restart: this.instance.restart,
      mode: this.instance.mode,
      once: this.instance.once !== undefined,
    });
    this.#life = life;
    if (event.type === "stop" && life.phase !== before && !this.#goingDown) this.#markStop();
    if (life.phase.kind === "fencing" && before.kind !== "fencing") {
      const { killAtMs } = life.phase;
      this.#house.journal.append({ t: "fence", id: this.instance.instanceId, killAtMs });
    }
    for (const verdict of verdicts) this.#perform(verdict);
  }

  #perform(verdict: Verdict): void {
    const { fence, journal } = this.#house;
    const id = this.instance.instanceId;
    switch (verdict.do) {
      case "start":
        this.#start(verdict.attempt);
        break;
      case "close":
        this.#close(verdict);
        break;
      case "clear":
        this.#awaitEmpty(true);
        break;
      case "watch":
        this.#awaitEmpty(false);
        break;
      case "terminate":
        fence.signal(id, this.#leader(), this.instance.stopSignal);
        journal.append({ t: "signalled", id });
        break;
      case "kill":
        fence.kill(id, this.#leader());
        break;
      default:
        unreachable(verdict);
    }
  }

  #start(attempt: number): void {
    const { world, journal, fence, limiter, setpriv, stateDir } = this.#house;
    const startedAt = Math.round(world.wallMs());
    const startedMs = world.nowMs();
    const key = this.#key(attempt);
    journal.append({ t: "start", key, at: startedAt, ms: startedMs });
    const current: Attempt = {
      startedAt,
      startedMs,
      adopted: false,
      pid: null,
      born: null,
      ended: false,
    };
    this.#attempt = current;
    const { instance } = this;
    limiter.prepare(instance);
    const { pid, born } = spawnAttempt({
      stateDir,
      instance,
      key,
      setpriv,
      oomScoreAdj: this.#house.childOomScoreAdj,
      onEnd: (end) => this.#ended(current, end, true),
    });
    if (pid === null || born === null) return;
    current.pid = pid;
    current.born = born;
    fence.admit(key.instanceId, pid);
    const leader = { pid, born, reaped: false };
    limiter.admit(instance, leader);
    journal.append({ t: "pid", id: key.instanceId, pid, born });
    this.#oom.begin(leader);
    if (this.instance.once) return;
    this.#prepareTimer = this.#house.prepareLull.add(() => {
      prepareOutputs({ stateDir, instance, key: this.#key(attempt + 1) });
      this.#prepared = attempt + 1;
    });
  }

  #ended(attempt: Attempt, end: End, seen: boolean): void {
    if (attempt.ended || attempt !== this.#attempt) return;
    attempt.ended = true;
    this.#oom.end();
    this.#prepareTimer?.();
    this.#unwatch?.();
    this.#unwatch = null;
    this.#end = end;
    this.dispatch({ type: "exited", uptimeMs: this.#uptimeMs(), seen });
  }

  #close(verdict: Extract<Verdict, { do: "close" }>): void {
    const { world, journal } = this.#house;
    const { restartInMs, restarts, reason } = verdict;
    const oom = this.#oom.take();
    const exit: Exit = {
      ...this.#key(this.#life.attempt),
      pid: this.#attempt?.pid ?? null,
      startedAt: this.#attempt?.startedAt ?? 0,
      exitedAt: Math.round(world.wallMs()),
      uptimeMs: this.#uptimeMs(),
      exitCode: this.#end.exitCode,
      signal: this.#end.signal,
      oom: oom !== null,
      reason,
      restartInMs,
      collapsed: 0,
      detail: joinDetails(oom, this.#end.detail),
    };
    const dueMs = restartInMs === null ? null : world.nowMs() + restartInMs;
    journal.append({ t: "exit", exit, restarts, dueMs });
    if (restartInMs === null && this.#prepared > this.#life.attempt) {
      discardOutputs({ stateDir: this.#house.stateDir, key: this.#key(this.#prepared) });
    }
    this.#outbox.push({ type: "exit", exit });
  }

  #markStop(): void {
    const { phase } = this.#life;
    if (phase.kind !== "stopping") return;
    const { reason, killAtMs } = phase;
    const { journal, bootId } = this.#house;
    const id = this.instance.instanceId;
    const entry = journal.ledger.entries.get(id);
    const signalled = entry?.stop?.signalled ?? entry?.fencedUntilMs != null;
    journal.append({ t: "stop", id, stop: { reason, killAtMs, bootId, signalled } });
  }

  /** Answers `emptied` once nothing of the instance is left; with `kill`, helps it along. */
  #awaitEmpty(kill: boolean, pollMs = EMPTY_POLL_FIRST_MS): void {
    const { fence, world } = this.#house;
    const id = this.instance.instanceId;
    this.#emptyTimer?.();
    this.#emptyTimer = null;
    if (fence.isEmpty(id, this.#leader())) {
      this.dispatch({ type: "emptied" });
      return;
    }
    if (kill) fence.kill(id, this.#leader());
    const next = Math.min(2 * pollMs, EMPTY_POLL_LAST_MS);
    this.#emptyTimer = world.after(pollMs, () => this.#awaitEmpty(kill, next));
  }

  #adopt(terminate: boolean): void {
    const attempt = this.#attempt;
    if (attempt?.pid == null || attempt.born === null) return;
    const { pid, born } = attempt;
    const gone = () => this.#ended(attempt, { ...NOT_SEEN, detail: ADOPTED }, false);
    this.#unwatch = this.#house.adoption.add(this.instance.instanceId, { pid, born }, gone);
    this.#oom.begin({ pid, born, reaped: false });
    if (terminate) this.#perform({ do: "terminate" });
    this.dispatch({ type: "tick" });
  }

  #missed(detail: string): void {
    if (this.#attempt !== null) this.#ended(this.#attempt, { ...NOT_SEEN, detail }, false);
  }

  #arm(): void {
    this.#timer?.();
    this.#timer = null;
    const at = wakeAtMs(this.#life, this.instance.mode);
    if (at === null) return;
    const leftMs = Math.max(0, Math.ceil(at - this.#house.world.nowMs()));
    // Timers stand still while the machine sleeps, leases do not: those are looked at again and again.
    const delayMs = this.instance.mode === "exclusive" ? Math.min(leftMs, SLEEP_LOOK_MS) : leftMs;
    this.#timer = this.#house.world.after(delayMs, () => this.dispatch({ type: "tick" }));
  }

  #tell(): void {
    const messages = this.#outbox;
    this.#outbox = [];
    for (const message of messages) this.#house.emit(message);
    // A lease that was extended is no news: the agent brought it.
    const { phase, attempt, restarts } = this.#life;
    const told = this.#told;
    this.#told = this.#life;
    if (told?.phase === phase && told.attempt === attempt && told.restarts === restarts) return;
    this.#house.emit({ type: "instance", instance: this.observe() });
  }

  #leader(): Leader | null {
    const attempt = this.#attempt;
    if (attempt?.pid == null || attempt.born === null) return null;
    return { pid: attempt.pid, born: attempt.born, reaped: attempt.ended };
  }

  #uptimeMs(): number {
    if (this.#attempt === null) return 0;
    return Math.max(0, Math.round(this.#house.world.nowMs() - this.#attempt.startedMs));
  }

  #key(attempt: number): AttemptKey {
    return { instanceId: this.instance.instanceId, bootId: this.#house.bootId, attempt };
  }
}

const NOT_SEEN = { exitCode: null, signal: null } as const;
const ADOPTED = "The keeper had adopted it, and so could not see how it ended.";
