// The releases on this host's disk, each made once and then only read.
//
// 1. A release is complete once its marker `release.json` is there, which is renamed into place last; what has
//    none is a leftover of a killed build. It is built where it will run, so that absolute paths in it hold.
// 2. At most one build at a time; who wants the same release waits for the same build.
//    Where somebody removed its files it counts as never made.
// 3. Nothing is collected that a desired set or an instance refers to, nor a worker's newest ten.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { Source } from "../../protocol/channel.ts";
import { readIfThere, replaceFile } from "../durable.ts";
import type { Log } from "../world.ts";

const KEPT_PER_WORKER = 10;

const Marker = z.object({
  digest: z.string(),
  commit: z.string(),
  message: z.string(),
  workerId: z.string(),
  builtAt: z.number(),
});
export type Marker = z.infer<typeof Marker>;

/** What a release is made of names it: the same commit is not built twice. */
export function releaseKey(source: Source): string {
  const { repo, commit, rootDir, buildCommand } = source;
  return createHash("sha256")
    .update(JSON.stringify([repo, commit, rootDir, buildCommand]))
    .digest("hex")
    .slice(0, 40);
}

export class ReleaseStore {
  readonly #root: string;
  readonly #log: Log;
  readonly #complete = new Map<string, Marker>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: { state: string; log: Log }) {
    this.#root = join(options.state, "releases");
    this.#log = options.log;
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    for (const key of readdirSync(this.#root)) {
      const marker = this.#readMarker(key);
      if (marker !== null) this.#complete.set(key, marker);
      else rmSync(join(this.#root, key), { recursive: true, force: true });
    }
  }

  find(source: Source): Marker | null {
    const key = releaseKey(source);
    const marker = this.#complete.get(key);
    if (marker === undefined) return null;
    if (existsSync(this.treeDir(source))) return marker;
    this.#complete.delete(key);
    this.#log.warn("release lost its files", { key, workerId: marker.workerId });
    return null;
  }

  /** The whole checkout; the program runs in its rootDir. */
  treeDir(source: Source): string {
    return join(this.#root, releaseKey(source), "tree");
  }

  runDir(source: Source): string {
    return join(this.treeDir(source), source.rootDir);
  }

  /** Runs one at a time, in the order of asking. */
  exclusively<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#last.then(run, run);
    this.#last = next.catch(() => {});
    return next;
  }

  /** An empty directory for the tree, without whatever an earlier try left. */
  async begin(source: Source): Promise<string> {
    await this.discard(source);
    const dir = this.treeDir(source);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return dir;
  }

  commit(source: Source, marker: Marker): void {
    const key = releaseKey(source);
    replaceFile(join(this.#root, key, "release.json"), `${JSON.stringify(marker)}\n`);
    this.#complete.set(key, marker);
  }

  async discard(source: Source): Promise<void> {
    await rm(join(this.#root, releaseKey(source)), { recursive: true, force: true });
  }

  /** Removes what nobody refers to beyond the newest of each worker; `used` tells what a path belongs to. */
  collect(isUsed: (use: { key: string; dir: string }) => boolean): void {
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
