// The releases on this host's disk, each made once and then only read.
//
// 1. A release is complete once its marker `release.json` is there, which is renamed into place last; what has
//    none is a leftover of a killed build. It is built where it will run, so that absolute paths in it hold.
// 2. At most one build at a time; who wants the same release waits for the same build.
//    Where somebody removed its files it counts as never made.
// 3. Nothing is collected that a desired set or an instance refers to, nor a worker's newest ten.
// 4. What is downloaded is unpacked beside its place and moved there whole; what programs run from is moved aside, and
//    kept until the last of them ended, whatever becomes of the agent meanwhile.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { Artifact } from "../../protocol/artifact.ts";
import { readIfThere, replaceFile } from "../durable.ts";
import type { Log } from "../world.ts";
import type { Place } from "./place.ts";

const KEPT_PER_WORKER = 10;

const Marker = z.object({
  digest: z.string(),
  commit: z.string(),
  message: z.string(),
  workerId: z.string(),
  builtAt: z.number(),
  /** As it was packed here or came here; null where it wasn't. */
  artifact: Artifact.nullish(),
  /** What the tree consists of stands beside it. */
  sealed: z.boolean().optional(),
});
export type Marker = z.infer<typeof Marker>;

/** What a release is made of names it: the same commit is not built twice. */
export function releaseKey(place: Place): string {
  const { repo, commit, rootDir, buildCommand, digest } = place;
  const parts = [repo, commit, rootDir, buildCommand, ...(digest === undefined ? [] : [digest])];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}

export interface StoreOptions {
  readonly state: string;
  readonly log: Log;
  /** Whether the keeper runs something from below that directory, now or later. */
  readonly isInUse: (dir: string) => boolean;
  /** Whether a process is in that directory now, by whatever name it knows it. */
  readonly runsBelow: (dir: string) => boolean;
}

const ASIDE = ".old-";
const COMING = ".new";

export class ReleaseStore {
  readonly #root: string;
  readonly #archives: string;
  readonly #log: Log;
  readonly #isInUse: StoreOptions["isInUse"];
  readonly #runsBelow: StoreOptions["runsBelow"];
  readonly #complete = new Map<string, Marker>();
  /** By what has its turn: the last that waits for it. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: StoreOptions) {
    this.#root = join(options.state, "releases");
    this.#archives = join(options.state, "artifacts");
    this.#log = options.log;
    this.#isInUse = options.isInUse;
    this.#runsBelow = options.runsBelow;
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    mkdirSync(this.#archives, { recursive: true, mode: 0o700 });
    // Half a download is gone on with; what was packed is packed again.
    for (const name of readdirSync(this.#archives))
      if (!name.endsWith(".part")) rmSync(join(this.#archives, name), { force: true });
    for (const key of readdirSync(this.#root)) {
      // Who runs from it is asked when it is collected.
      if (key.includes(ASIDE)) continue;
      // Even where it has its marker it never took its place.
      const marker = key.endsWith(COMING) ? null : this.#readMarker(key);
      if (marker !== null) this.#complete.set(key, marker);
      else rmSync(join(this.#root, key), { recursive: true, force: true });
    }
  }

  find(place: Place): Marker | null {
    const key = releaseKey(place);
    const marker = this.#complete.get(key);
    if (marker === undefined) return null;
    if (existsSync(this.treeDir(place))) return marker;
    this.#complete.delete(key);
    this.#log.warn("release lost its files", { key, workerId: marker.workerId });
    return null;
  }

  /** The whole checkout; the program runs in its rootDir. */
  treeDir(place: Place): string {
    return join(this.#root, releaseKey(place), "tree");
  }

  runDir(place: Place): string {
    return join(this.treeDir(place), place.rootDir);
  }

  sealFile(place: Place): string {
    return join(this.#root, releaseKey(place), "seal.json");
  }

  /** Where its packed tree is while it is uploaded. */
  packedFile(place: Place): string {
    return join(this.#archives, `${releaseKey(place)}.tar.zst`);
  }

  /** Where an artifact is downloaded to. */
  downloadFile({ digest }: Pick<Artifact, "digest">): string {
    return join(this.#archives, `${digest.replace("sha256:", "")}.part`);
  }

  /** Builds one at a time, in the order of asking. */
  exclusively<T>(run: () => Promise<T>): Promise<T> {
    return this.#inTurn("build", run);
  }

  /** Uploads one at a time. */
  delivering<T>(run: () => Promise<T>): Promise<T> {
    return this.#inTurn("upload", run);
  }

  /** Who makes or fetches the same release waits for the other. */
  alone<T>(place: Place, run: () => Promise<T>): Promise<T> {
    return this.#inTurn(releaseKey(place), run);
  }

  #inTurn<T>(what: string, run: () => Promise<T>): Promise<T> {
    const next = (this.#turns.get(what) ?? Promise.resolve()).then(run, run);
    const last = next.catch(() => {});
    this.#turns.set(what, last);
    void last.then(() => {
      if (this.#turns.get(what) === last) this.#turns.delete(what);
    });
    return next;
  }

  /** An empty directory for the tree, without whatever an earlier try left. */
  async begin(place: Place): Promise<string> {
    await this.discard(place);
    const dir = this.treeDir(place);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return dir;
  }

  commit(place: Place, marker: Marker): void {
    const key = releaseKey(place);
    replaceFile(join(this.#root, key, "release.json"), `${JSON.stringify(marker)}\n`);
    this.#complete.set(key, marker);
  }

  /** What is there is not what its marker says: it is looked at no more, and goes when the place is taken again. */
  doubt(place: Place): void {
    this.#complete.delete(releaseKey(place));
  }

  async discard(place: Place): Promise<void> {
    const key = releaseKey(place);
    const dir = join(this.#root, key);
    this.#complete.delete(key);
    if (!existsSync(dir) || !this.#isInUse(dir)) {
      await rm(dir, { recursive: true, force: true });
      return;
    }
    let times = 1;
    while (existsSync(`${dir}${ASIDE}${times}`)) times++;
    renameSync(dir, `${dir}${ASIDE}${times}`);
    this.#log.warn("release moved aside, programs run from it", { key });
  }

  /** An empty directory beside the release's own, for what `arrive` moves there. */
  async expect(place: Place): Promise<{ readonly dir: string; readonly sealFile: string }> {
    const fresh = this.#coming(place);
    await rm(fresh, { recursive: true, force: true });
    const dir = join(fresh, "tree");
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return { dir, sealFile: join(fresh, "seal.json") };
  }

  /** What was unpacked there takes its place, whole. */
  async arrive(place: Place, marker: Marker): Promise<void> {
    const key = releaseKey(place);
    const coming = this.#coming(place);
    replaceFile(join(coming, "release.json"), `${JSON.stringify(marker)}\n`);
    await this.discard(place);
    renameSync(coming, join(this.#root, key));
    this.#complete.set(key, marker);
  }

  async giveUp(place: Place): Promise<void> {
    await rm(this.#coming(place), { recursive: true, force: true });
  }

  #coming(place: Place): string {
    return join(this.#root, `${releaseKey(place)}${COMING}`);
  }

  /**
   * Removes what nobody refers to beyond the newest of each worker, and downloads that nobody waits for any more.
   * `isUsed` tells what a path belongs to.
   */
  collect(
    isUsed: (use: { key: string; dir: string }) => boolean,
    artifacts: ReadonlySet<string>,
  ): void {
    this.#collectDownloads(artifacts);
    for (const name of readdirSync(this.#root)) {
      const dir = join(this.#root, name);
      if (name.includes(ASIDE) && !this.#runsBelow(dir))
        rmSync(dir, { recursive: true, force: true });
    }
    const newest = [...this.#complete].sort(([, a], [, b]) => b.builtAt - a.builtAt);
    const kept = new Map<string, number>();
    for (const [key, { workerId }] of newest) {
      const place = (kept.get(workerId) ?? 0) + 1;
      kept.set(workerId, place);
      const dir = join(this.#root, key);
      if (place <= KEPT_PER_WORKER || isUsed({ key, dir })) continue;
      this.#complete.delete(key);
      // The marker goes first: half a release must not look like one.
      rmSync(join(dir, "release.json"), { force: true });
      rmSync(dir, { recursive: true, force: true });
      this.#log.info("release collected", { key, workerId });
    }
  }

  /** All workers of which there is a release. */
  workers(): string[] {
    return [...new Set([...this.#complete.values()].map(({ workerId }) => workerId))];
  }

  /** Its releases go, but for those that programs still run from. */
  forgetWorker(workerId: string): void {
    for (const [key, marker] of this.#complete) {
      const dir = join(this.#root, key);
      if (marker.workerId !== workerId || this.#isInUse(dir)) continue;
      this.#complete.delete(key);
      rmSync(join(dir, "release.json"), { force: true });
      rmSync(dir, { recursive: true, force: true });
    }
  }

  #collectDownloads(artifacts: ReadonlySet<string>): void {
    const wanted = new Set([...artifacts].map((digest) => this.downloadFile({ digest })));
    for (const name of readdirSync(this.#archives)) {
      const file = join(this.#archives, name);
      if (name.endsWith(".part") && !wanted.has(file)) rmSync(file, { force: true });
    }
  }

  #readMarker(key: string): Marker | null {
    try {
      const text = readIfThere(join(this.#root, key, "release.json"));
      const parsed = Marker.safeParse(JSON.parse(text ?? "null"));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }
}
