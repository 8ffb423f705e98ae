// The builds that one worker's object asked this host for, and what became of them.
//
// 1. A build runs while it is desired; one that vanishes is canceled, and forgotten once it ended.
// 2. An outcome is offered until it is acknowledged, and its log stays as long.
import type { Build, BuildReport, BuildStep } from "../protocol/channel.ts";
import { BuildJob, type BuildOutcome, type BuildRun } from "./artifacts/build.ts";

interface Held {
  readonly job: BuildJob;
  steps: readonly BuildStep[];
  outcome: BuildOutcome;
  acked: boolean;
  wanted: boolean;
}

export interface BuildsOptions {
  readonly prepare: (build: Build) => Omit<BuildRun, "onStep">;
  readonly onChange: () => void;
  /** Its output is complete. */
  readonly onEnded: (deployId: string, outcome: BuildOutcome) => void;
}

export class Builds {
  readonly #options: BuildsOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: BuildsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  has(deployId: string): boolean {
    const held = this.#held.get(deployId);
    return held !== undefined && (held.outcome.kind === "running" || !held.acked);
  }

  want(builds: readonly Build[]): void {
    const wanted = new Set(builds.map((build) => build.deployId));
    for (const [deployId, held] of this.#held) {
      if (wanted.has(deployId)) continue;
      held.wanted = false;
      if (held.outcome.kind === "running") held.job.cancel();
      else this.#held.delete(deployId);
    }
    for (const build of builds) if (!this.#held.has(build.deployId)) this.#start(build);
  }

  acked(deployIds: readonly string[]): void {
    for (const deployId of deployIds) {
      const held = this.#held.get(deployId);
      if (held !== undefined && held.outcome.kind !== "running") held.acked = true;
    }
  }

  /** Those that run, and those whose outcome nobody acknowledged. */
  reports(): BuildReport[] {
    return [...this.#held].flatMap(([deployId, { steps, outcome, acked }]) =>
      acked ? [] : [{ deployId, steps: [...steps], outcome }],
    );
  }

  /** Those whose outcome nobody acknowledged. */
  ended(): string[] {
    return [...this.#held].flatMap(([deployId, { outcome, acked }]) =>
      outcome.kind !== "running" && !acked ? [deployId] : [],
    );
  }

  get needsAck(): boolean {
    return this.ended().length > 0;
  }

  stop(): void {
    for (const { job } of this.#held.values()) job.cancel();
  }

  #start(build: Build): void {
    const { deployId } = build;
    const job = new BuildJob({
      ...this.#options.prepare(build),
      onStep: (steps) => {
        held.steps = steps;
        this.#options.onChange();
      },
    });
    const held: Held = { job, steps: [], outcome: { kind: "running" }, acked: false, wanted: true };
    this.#held.set(deployId, held);
    void job.run().then((outcome) => {
      held.outcome = outcome;
      if (!held.wanted) this.#held.delete(deployId);
      this.#options.onEnded(deployId, outcome);
      this.#options.onChange();
    });
    this.#options.onChange();
  }
}
