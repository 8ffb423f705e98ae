// The releases that one worker's instances need here: ready, being made, or why not.
//
// 1. A release is looked at before the first program of it starts, and again once it had been out of use.
import type { Desired, DesiredInstance, DesiredRelease } from "../protocol/channel.ts";
import type { BuildRun } from "./artifacts/build.ts";
import { PrepareJob, type PrepareRun } from "./artifacts/prepare.ts";
import { releaseKey } from "./artifacts/store.ts";
import { deleteSpool } from "./logs/spool.ts";
import type { ReleaseOnDisk } from "./reconcile.ts";
import type { World } from "./world.ts";

const RETRY_FIRST_MS = 2_000;
const RETRY_CAP_MS = 60_000;

type Try =
  | { readonly kind: "preparing"; readonly at: string }
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly at: number;
      readonly times: number;
    };

export interface ReleasesOptions {
  readonly world: World;
  readonly prepare: (release: DesiredRelease) => Omit<PrepareRun, "onProgress">;
  /** Whether an instance of it is at the keeper. */
  readonly isInUse: (release: number) => boolean;
  readonly onChange: () => void;
}

export class Releases {
  readonly #options: ReleasesOptions;
  readonly #tries = new Map<string, Try>();
  readonly #jobs = new Set<PrepareJob>();
  /** By key: found whole since it came into use. */
  readonly #whole = new Set<string>();

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  onDisk(release: DesiredRelease, store: BuildRun["store"]): ReleaseOnDisk {
    const key = releaseKey(release.source);
    const isKnown = this.#whole.has(key) || this.#options.isInUse(release.number);
    if (isKnown && store.find(release.source) !== null)
      return { kind: "ready", cwd: store.runDir(release.source) };
    const last = this.#tries.get(key);
    if (last === undefined) return { kind: "absent" };
    if (last.kind === "preparing") return { kind: "preparing" };
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
    if (onDisk.kind === "ready") return "Starting.";
    const last = this.#tries.get(releaseKey(release.source));
    return last?.kind === "preparing" ? last.at : `Preparing release v${number}.`;
  }

  /** What is out of use may change unseen. */
  keep(desired: Desired | null): void {
    const kept = new Set(desired?.releases.map(({ source }) => releaseKey(source)));
    for (const key of this.#whole) if (!kept.has(key)) this.#whole.delete(key);
  }

  /** Makes it in the background; `onChange` says when it is time to look again. */
  make(release: DesiredRelease): void {
    const { world, prepare, onChange } = this.#options;
    const key = releaseKey(release.source);
    const before = this.#tries.get(key);
    if (before?.kind === "preparing") return;
    const times = (before?.times ?? 0) + 1;
    const at = `Preparing release v${release.number}.`;
    this.#tries.set(key, { kind: "preparing", at });
    const run = prepare(release);
    const onProgress = (text: string) => {
      this.#tries.set(key, { kind: "preparing", at: text });
      onChange();
    };
    const job = new PrepareJob({ ...run, onProgress });
    this.#jobs.add(job);
    void job.run().then((outcome) => {
      this.#jobs.delete(job);
      deleteSpool(run.spool);
      if (outcome.ok) {
        this.#tries.delete(key);
        this.#whole.add(key);
      } else {
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
