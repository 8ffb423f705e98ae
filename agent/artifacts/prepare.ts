// Makes sure that a release is on this host, whole: looked at where it is there, downloaded and unpacked where it was
// packed, else built from its source.
//
// 1. A release takes its place only after digest and size of its artifact and the digest of its tree were checked.
// 2. It ends with a sentence where it failed; half of what came is gone on with the next time, unless the disk is full.
import { rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Artifact } from "../../protocol/artifact.ts";
import type { DesiredRelease } from "../../protocol/channel.ts";
import { openRelease } from "../users/owner.ts";
import { codeOf, messageOf } from "../world.ts";
import { BuildJob, type BuildRun } from "./build.ts";
import { isWhole } from "./finish.ts";
import { lineOf } from "./line.ts";
import { mb } from "./pack.ts";
import { isAtHome, locate, type Place, placeToCome } from "./place.ts";
import { seal } from "./seal.ts";
import { download } from "./transfer.ts";
import { ArchiveError, unpackTree } from "./unpack.ts";

const PROGRESS_MS = 2_000;

export interface PrepareRun extends Omit<BuildRun, "onStep"> {
  readonly release: DesiredRelease;
  /** What it is at, for people. */
  readonly onProgress: (text: string) => void;
}

export type Prepared =
  | { readonly ok: true; readonly place: Place }
  | { readonly ok: false; readonly message: string };
type Fetched = Prepared | { readonly ok: null };

export class PrepareJob {
  readonly #run: PrepareRun;
  readonly #abort = new AbortController();
  #build: BuildJob | null = null;

  constructor(run: PrepareRun) {
    this.#run = run;
  }

  cancel(): void {
    this.#abort.abort(new Error("The release is not wanted any more."));
    this.#build?.cancel();
  }

  async run(): Promise<Prepared> {
    try {
      return await this.#prepare();
    } catch (error) {
      return { ok: false, message: this.#sentence(error) };
    }
  }

  #sentence(error: unknown): string {
    const said = messageOf(error);
    const code = codeOf(error);
    if (code === "ENOSPC" || code === "EDQUOT") return `The host's disk is full: ${said}`;
    if (error instanceof ArchiveError) return `The release's artifact is refused: ${said}.`;
    return said;
  }

  async #prepare(): Promise<Prepared> {
    const { store, release } = this.#run;
    const { artifact } = release;
    const there = await this.#find();
    if (there !== null) return there;
    if (artifact) {
      const fetched = isAtHome(release, store)
        ? await this.#fetch(artifact)
        : this.#foreign(artifact);
      if (fetched.ok !== null) return fetched;
    }
    return this.#make();
  }

  /** Null where it is not here, or not whole. */
  async #find(): Promise<Prepared | null> {
    const { store, release } = this.#run;
    const place = locate(release, store);
    if (place === null) return null;
    this.#run.onProgress(`Checking release v${release.number}.`);
    return (await this.#isWhole(place)) ? { ok: true, place } : null;
  }

  #isWhole(place: Place): Promise<boolean> {
    const { store, release, bootId, log, workerId } = this.#run;
    return isWhole({ store, source: place, bootId }, (path) =>
      log.warn("release damaged on the disk", { workerId, release: release.number, path }),
    );
  }

  #foreign({ root }: Artifact): Fetched {
    const { log, workerId, release } = this.#run;
    log.info("its files name where they were built: built here", {
      ...{ workerId, release: release.number, root },
    });
    return { ok: null };
  }

  async #make(): Promise<Prepared> {
    this.#run.onProgress(`Building release v${this.#run.release.number}.`);
    this.#abort.signal.throwIfAborted();
    this.#build = new BuildJob({ ...this.#run, onStep: () => {} });
    const outcome = await this.#build.run();
    if (outcome.kind === "failed") return { ok: false, message: outcome.message };
    return { ok: true, place: this.#run.release.source };
  }

  /** `ok` is null where the store does not have it. */
  #fetch(artifact: Artifact): Promise<Fetched> {
    const { store, release } = this.#run;
    return store.alone(release.source, async () => {
      // Whoever had the turn before may have brought it.
      const there = await this.#find();
      if (there !== null) return there;
      // Beside another build of the source only where that is of use.
      await this.#isWhole(release.source);
      const place = placeToCome(release, store);
      try {
        return await this.#bring(artifact, place);
      } catch (error) {
        const isFull = ["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "");
        if (isFull || error instanceof ArchiveError)
          await rm(store.downloadFile(artifact), { force: true });
        throw error;
      } finally {
        await store.giveUp(place);
      }
    });
  }

  async #bring(artifact: Artifact, place: Place): Promise<Fetched> {
    const { store, release, workerId, world, log, bootId, users } = this.#run;
    const { number } = release;
    const file = store.downloadFile(artifact);
    const begun = world.elapsed();
    const { dir, sealFile } = await store.expect(place);
    await this.#checkRoom(dir, artifact);
    const line = lineOf(this.#run, this.#abort.signal);
    const onProgress = this.#slowly((bytes) => {
      const share = `${mb(bytes)} of ${mb(artifact.bytes)}`;
      this.#run.onProgress(`Downloading release v${number}: ${share}.`);
    });
    if (!(await download(line, { artifact, file, onProgress }))) {
      log.warn("artifact is not stored any more", { workerId, release: number });
      return { ok: null };
    }
    this.#run.onProgress(`Unpacking release v${number}.`);
    const unpacked = await unpackTree({
      ...{ file, dir, home: store.treeDir(place) },
      ...{ announced: artifact, signal: this.#abort.signal },
    });
    if (unpacked.digest !== release.digest)
      throw new ArchiveError("its files are not those that were built");
    if (users !== null) await openRelease(dirname(dir), users.program.gid);
    await seal(dir, { entries: unpacked.entries, file: sealFile, bootId });
    const { digest } = release;
    const marker = { digest, commit: place.commit, message: "", workerId, artifact, sealed: true };
    await store.arrive(place, { ...marker, builtAt: world.now() });
    await rm(file, { force: true });
    const ms = Math.round(world.elapsed() - begun);
    log.info("release downloaded", { workerId, release: number, bytes: artifact.bytes, ms });
    return { ok: true, place };
  }

  /** Fails early, with figures, where it can't fit. */
  async #checkRoom(dir: string, artifact: Artifact): Promise<void> {
    const { bavail, bsize } = await statfs(dir);
    const needed = artifact.bytes + artifact.treeBytes;
    if (bavail * bsize >= needed) return;
    throw Object.assign(
      new Error(`the release needs ${mb(needed)}, and ${mb(bavail * bsize)} are free`),
      { code: "ENOSPC" },
    );
  }

  #slowly(tell: (bytes: number) => void): (bytes: number) => void {
    let last = Number.NEGATIVE_INFINITY;
    return (bytes) => {
      const now = this.#run.world.elapsed();
      if (now - last < PROGRESS_MS) return;
      last = now;
      tell(bytes);
    };
  }
}
