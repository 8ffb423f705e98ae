// The releases that one worker's instances need here: ready, being made, or why not.
import type { Desired, DesiredInstance, DesiredRelease } from "../protocol/channel.ts";
import { BuildJob, type BuildRun } from "./artifacts/build.ts";
import { releaseKey } from "./artifacts/store.ts";
import { deleteSpool } from "./logs/spool.ts";
import type { ReleaseOnDisk } from "./reconcile.ts";
import type { World } from "./world.ts";

const RETRY_FIRST_MS = 2_000;
const RETRY_CAP_MS = 60_000;

type Try =
  | { readonly kind: "preparing" }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly at: number;
      readonly times: number;
    };

export interface ReleasesOptions {
  readonly world: World;
  readonly prepare: (release: DesiredRelease) => Omit<BuildRun, "onStep">;
  readonly onChange: () => void;
}

export class Releases {
  readonly #options: ReleasesOptions;
  readonly #tries = new Map<string, Try>();
  readonly #jobs = new Set<BuildJob>();

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  onDisk(release: DesiredRelease, store: BuildRun["store"]): ReleaseOnDisk {
    if (store.find(release.source) !== null)
      return { kind: "ready", cwd: store.runDir(release.source) };
    const last = this.#tries.get(releaseKey(release.source));
    if (last === undefined) return { kind: "absent" };
    if (last.kind === "preparing") return last;
    const waitMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** (last.times - 1));
    const again = this.#options.world.elapsed() >= last.at + waitMs;
    return { kind: "failed", message: last.message, again };
  }

  /** For people: what an instance that the keeper does not have yet waits for. */
  whyNotStarted(
    desired: Desired | null,
    instance: Pick<DesiredInstance, "release">,
    store: BuildRun["store"],
  ): string {
    const number = instance.release;
    const release = desired?.releases.find((one) => one.number === number);
    if (release === undefined) return `Release v${number} is not known here.`;
    const onDisk = this.onDisk(release, store);
    if (onDisk.kind === "failed") return onDisk.message.slice(0, 2_000);
    return onDisk.kind === "ready" ? "Starting." : `Preparing release v${number}.`;
  }

  /** Makes it in the background; `onChange` says when it is time to look again. */
  make(release: DesiredRelease): void {
    const { world, prepare, onChange } = this.#options;
    const key = releaseKey(release.source);
    const before = this.#tries.get(key);
    if (before?.kind === "preparing") return;
    const times = (before?.times ?? 0) + 1;
    this.#tries.set(key, { kind: "preparing" });
    const run = prepare(release);
    const job = new BuildJob({ ...run, onStep: onChange });
    this.#jobs.add(job);
    void job.run().then((outcome) => {
      this.#jobs.delete(job);
      deleteSpool(run.spool);
      if (outcome.kind !== "failed") this.#tries.delete(key);
      else {
        const { message } = outcome;
        this.#tries.set(key, { kind: "failed", message, at: world.elapsed(), times });
        world.after(Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** (times - 1)) + 1, onChange);
      }
      onChange();
    });
  }

  stop(): void {
    for (const job of this.#jobs) job.cancel();
  }
}
