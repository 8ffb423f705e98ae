// The jobs of one worker: commands that run once under the keeper, and what is said of them.
//
// 1. Whether a job began is the keeper's word; what the keeper lost sight of has an unknown end, and is not begun again.
// 2. An end is offered until the object let go of the job; only then the keeper forgets it.
import type { Desired, DesiredJob, JobOutcome, ObservedJob } from "../protocol/channel.ts";
import type { Exit } from "../protocol/instance.ts";
import type { KeeperObserved } from "../protocol/keeper.ts";
import type { Exits } from "./exits.ts";
import type { KeeperAnswer, KeeperClient } from "./keeper-client.ts";
import { waitingJobs } from "./reconcile.ts";

const KEEPER_TOO_OLD = "The keeper on this host is too old for predeploy commands: upgrade it.";
const FORGOTTEN = "The host does not know any more how it ended.";
const NEVER_SEEN = "The host was restarted, and does not know whether it ran.";

export interface JobsOptions {
  readonly keeper: Pick<KeeperClient, "exits" | "instances" | "forget">;
  readonly workerId: string;
  readonly tailOf: Exits["tailOf"];
}

export class Jobs {
  readonly #options: JobsOptions;
  /** What the keeper will not begin. */
  readonly #final = new Map<string, JobOutcome>();
  /** Why it could not be begun so far. */
  readonly #details = new Map<string, string>();

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Takes in what the keeper said to a job; true where asking again is of no use. */
  answered(jobId: string, answer: KeeperAnswer): boolean {
    this.#details.delete(jobId);
    if (answer.ok) return true;
    const { code, message } = answer;
    if (code === "protocol") this.#final.set(jobId, { kind: "refused", message: KEEPER_TOO_OLD });
    else if (code === "over") {
      const why = `It was not begun again: ${message}.`;
      this.#final.set(jobId, { kind: "unknown", message: why, tail: [] });
    } else {
      this.#details.set(jobId, `The keeper did not take it: ${message}`);
      return false;
    }
    return true;
  }

  /** Those at the keeper. */
  #held(): KeeperObserved[] {
    const { keeper, workerId } = this.#options;
    return [...keeper.instances.values()]
      .map(({ observed }) => observed)
      .filter((observed) => observed.once && observed.workerId === workerId);
  }

  #exitOf(jobId: string): Exit | undefined {
    for (const exit of this.#options.keeper.exits.values())
      if (exit.instanceId === jobId) return exit;
    return undefined;
  }

  /** Exits of which the object was not told yet, or has not let go. */
  exits(gone: ReadonlySet<string>): Exit[] {
    return this.#held().flatMap(({ instanceId }) =>
      gone.has(instanceId) ? [] : (this.#exitOf(instanceId) ?? []),
    );
  }

  /** Some have ended and were not let go. */
  anyEnded(gone: ReadonlySet<string>): boolean {
    const ended = this.#held().some(
      ({ instanceId, state }) => state.kind === "stopped" && !gone.has(instanceId),
    );
    return ended || [...this.#final.keys()].some((id) => !gone.has(id));
  }

  reports(input: {
    readonly desired: Desired | null;
    readonly gone: ReadonlySet<string>;
    readonly whyWaiting: (job: DesiredJob) => string;
  }): ObservedJob[] {
    const { desired, gone, whyWaiting } = input;
    const held = this.#held();
    const instances = new Map(held.map((one) => [one.instanceId, one]));
    const known = held
      .filter(({ instanceId }) => !gone.has(instanceId))
      .map((observed) => this.#observe(observed));
    const lost = (desired?.jobs ?? []).filter(
      ({ begun, jobId }) => begun && !instances.has(jobId) && !gone.has(jobId),
    );
    const waiting = waitingJobs({ desired, instances, gone });
    return [
      ...known,
      ...lost.map((job) =>
        bare(job, { kind: "unknown", message: FORGOTTEN, tail: [] } satisfies JobOutcome),
      ),
      ...waiting.map((job) => {
        const final = this.#final.get(job.jobId);
        if (final !== undefined) return bare(job, final);
        return { ...bare(job, null), detail: this.#details.get(job.jobId) ?? whyWaiting(job) };
      }),
    ];
  }

  #observe(observed: KeeperObserved): ObservedJob {
    const { generation, instanceId: jobId, release, state } = observed;
    const place = { jobId, generation, release, detail: null, outcome: null };
    switch (state.kind) {
      case "running":
        return { ...place, state: "running", pid: state.pid, startedAt: state.startedAt };
      case "stopping":
        return { ...place, state: "stopping", pid: state.pid, startedAt: null };
      case "stopped":
        return { ...bare(place, this.#outcomeOf(jobId)) };
      case "starting":
      case "backoff":
        return { ...place, state: "running", pid: null, startedAt: null };
    }
  }

  #outcomeOf(jobId: string): JobOutcome {
    const exit = this.#exitOf(jobId);
    if (exit === undefined) return { kind: "unknown", message: NEVER_SEEN, tail: [] };
    const tail = this.#options.tailOf(exit);
    const { exitCode, oom, reason, signal, uptimeMs } = exit;
    switch (reason) {
      case "crash":
        if (exitCode === null && signal === null && exit.detail !== null)
          return { kind: "refused", message: `It could not be started: ${exit.detail}` };
        return { kind: "exited", exitCode, signal, oom, uptimeMs, tail };
      case "unknown":
      case "host_rebooted":
        return { kind: "unknown", message: exit.detail ?? FORGOTTEN, tail };
      default:
        return { kind: "stopped", uptimeMs, tail };
    }
  }

  /**
   * Has the keeper forget the exits of those that the object let go; true where it did. What is then left is removed
   * like an instance.
   */
  async forgetGone(gone: ReadonlySet<string>): Promise<boolean> {
    const { keeper } = this.#options;
    const over = this.#held().flatMap(({ instanceId }) =>
      gone.has(instanceId) ? (this.#exitOf(instanceId) ?? []) : [],
    );
    return over.length > 0 && (await keeper.forget(over)).ok;
  }

  /** What is neither here nor wanted needs no memory. */
  prune(desired: Desired | null): void {
    const wanted = new Set(desired?.jobs.map(({ jobId }) => jobId));
    for (const map of [this.#final, this.#details])
      for (const id of map.keys()) if (!wanted.has(id)) map.delete(id);
  }
}

function bare(
  { generation, jobId, release }: Pick<DesiredJob, "jobId" | "generation" | "release">,
  outcome: JobOutcome | null,
): ObservedJob {
  const state = outcome === null ? "waiting" : "ended";
  return { jobId, generation, release, state, pid: null, startedAt: null, detail: null, outcome };
}
