// The releases that one worker's instances need here: ready, being made, or why not.
//
// 1. A release is looked at before the first program of it starts, and again once it had been out of use.
import type { Desired, DesiredInstance, DesiredRelease } from "../protocol/channel.ts";
import type { BuildRun } from "./artifacts/build.ts";
import { locate, type Place } from "./artifacts/place.ts";
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
  /** By key: where it was found whole since it came into use, and what was there. */
  readonly #whole = new Map<string, { readonly place: Place; readonly digest: string }>();

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  onDisk(release: DesiredRelease, store: BuildRun["store"]): ReleaseOnDisk {
    const key = keyOf(release);
    const place = this.#placeOf(release, store);
    if (place !== null) return { kind: "ready", cwd: store.runDir(place) };
    const last = this.#tries.get(key);
    if (last === undefined) return { kind: "absent" };
    if (last.kind === "preparing") return { kind: "preparing" };
    const waitMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** (last.times - 1));
    const again = this.#options.world.elapsed() >= last.at + waitMs;
    return { kind: "failed", message: last.message, again };
  }

  #placeOf(release: DesiredRelease, store: BuildRun["store"]): Place | null {
    const whole = this.#whole.get(keyOf(release));
    if (whole !== undefined && store.find(whole.place)?.digest === whole.digest) return whole.place;
    return this.#options.isInUse(release.number) ? locate(release, store) : null;
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
    const last = this.#tries.get(keyOf(release));
    return last?.kind === "preparing" ? last.at : `Preparing release v${number}.`;
  }

  /** What is out of use may change unseen. */
  keep(desired: Desired | null): void {
    const kept = new Set(desired?.releases.map(keyOf));
    for (const key of this.#whole.keys()) if (!kept.has(key)) this.#whole.delete(key);
  }

  /** Makes it in the background; `onChange` says when it is time to look again. */
  make(release: DesiredRelease): void {
    const { world, prepare, onChange } = this.#options;
    const key = keyOf(release);
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
        const { place } = outcome;
        const marker = run.store.find(place);
        if (marker !== null) this.#whole.set(key, { place, digest: marker.digest });
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

/** Releases of one source differ in their artifacts. */
function keyOf({ artifact, digest, source }: DesiredRelease): string {
  return releaseKey(artifact ? { ...source, digest } : source);
}
