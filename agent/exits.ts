// The exits of one worker on their way from the keeper to the object.
//
// 1. An exit is told on each channel until it is acknowledged; once a channel is enough, unless no ack comes.
// 2. A report holds so many at most; the rest follow with the acks.
import type { ExitReport, StreamKey } from "../protocol/channel.ts";
import { type AttemptKey, attemptKey, type Exit } from "../protocol/instance.ts";
import type { KeeperClient } from "./keeper-client.ts";
import type { Mark } from "./logs/framer.ts";
import { spoolPath, streamsOf } from "./logs/spool.ts";
import { tailOfAttempt } from "./logs/tail.ts";

const EXITS_PER_REPORT = 32;

export interface ExitsOptions {
  readonly keeper: Pick<KeeperClient, "exits" | "instances" | "forget">;
  readonly workerId: string;
  readonly state: string;
  readonly elapsed: () => number;
  readonly tailLines: () => number;
  readonly ackMs: () => number;
  /** When which part of its output was read. */
  readonly marksOf: (key: StreamKey) => readonly Mark[];
}

export class Exits {
  readonly #options: ExitsOptions;
  /** When it was last told on the present channel. */
  readonly #toldAt = new Map<string, number>();
  readonly #acked = new Map<string, AttemptKey>();

  constructor(options: ExitsOptions) {
    this.#options = options;
  }

  #open(): Exit[] {
    const { keeper, workerId } = this.#options;
    return [...keeper.exits.values()].filter((exit) => {
      const observed = keeper.instances.get(exit.instanceId)?.observed;
      // The end of a job is told with the job.
      const isOurs = observed?.workerId === workerId && !observed.once;
      return isOurs && !this.#acked.has(attemptKey(exit));
    });
  }

  /** Some are not yet acknowledged. */
  get any(): boolean {
    return this.#open().length > 0;
  }

  /** The keeper still holds it. */
  has(attempt: AttemptKey): boolean {
    return this.#options.keeper.exits.has(attemptKey(attempt));
  }

  anyOf(instanceId: string): boolean {
    for (const exit of this.#options.keeper.exits.values())
      if (exit.instanceId === instanceId) return true;
    return false;
  }

  /** Those that the next report would tell for the first time on this channel. */
  untold(): Exit[] {
    return this.#open()
      .filter((exit) => !this.#toldAt.has(attemptKey(exit)))
      .slice(0, EXITS_PER_REPORT);
  }

  toTell(again: boolean): ExitReport[] {
    const { elapsed, ackMs, keeper } = this.#options;
    if (again) this.#toldAt.clear();
    const due = elapsed() - ackMs();
    return this.#open()
      .filter((exit) => (this.#toldAt.get(attemptKey(exit)) ?? Number.NEGATIVE_INFINITY) <= due)
      .slice(0, EXITS_PER_REPORT)
      .map((exit) => {
        this.#toldAt.set(attemptKey(exit), elapsed());
        const { slot, generation, release } = keeper.instances.get(exit.instanceId)!.observed;
        return { ...exit, slot, generation, release, tail: this.tailOf(exit) };
      });
  }

  acked(attempts: readonly AttemptKey[]): void {
    for (const attempt of attempts) {
      const key = attemptKey(attempt);
      if (this.#options.keeper.exits.has(key)) this.#acked.set(key, attempt);
    }
  }

  /** Has the keeper forget what was acknowledged; true where it did. */
  async forgetAcked(): Promise<boolean> {
    const acked = [...this.#acked.values()];
    if (acked.length === 0) return false;
    const answer = await this.#options.keeper.forget(acked);
    if (!answer.ok) return false;
    for (const attempt of acked) {
      this.#acked.delete(attemptKey(attempt));
      this.#toldAt.delete(attemptKey(attempt));
    }
    return true;
  }

  /** Its last lines; none where its output is not to be read. */
  tailOf(exit: Exit): string[] {
    const { state, marksOf, tailLines } = this.#options;
    const [stdout, stderr] = streamsOf(exit).map((key) => {
      return { path: spoolPath(state, key), marks: marksOf(key) };
    });
    try {
      return tailOfAttempt({ stdout: stdout!, stderr: stderr! }, tailLines());
    } catch {
      return [];
    }
  }
}
