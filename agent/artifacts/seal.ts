// What a finished tree consisted of, kept beside it, so that a change on the disk is noticed before a program starts.
//
// 1. What has the size and the change time that it had when it was sealed is not read again in the same boot: a power
//    cut may have left files without their content.
// 2. What a program added of its own (caches, logs) is no damage; what is missing or differs is.
import { createHash } from "node:crypto";
import { createReadStream, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import * as z from "zod";
import { replaceFile } from "../durable.ts";
import { digestOf, type Entry } from "./tree.ts";

/** So many are looked at before others have their turn. */
const BATCH = 200;
const SMALL_BYTES = 262_144;

const Sealed = z.object({
  entries: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("directory"), path: z.string() }),
      z.object({ type: z.literal("link"), path: z.string(), target: z.string() }),
      z.object({
        type: z.literal("file"),
        path: z.string(),
        executable: z.boolean(),
        bytes: z.number(),
        sha256: z.string(),
      }),
    ]),
  ),
  /** Change time of each entry, ns. */
  changed: z.array(z.string()),
  bootId: z.string(),
});
type Sealed = z.infer<typeof Sealed>;

export type Checked =
  | { readonly kind: "whole" }
  /** `path` is the first thing found to be different; null for the seal itself. */
  | { readonly kind: "damaged"; readonly path: string | null };

const bytesOf = (path: string) => Buffer.from(path, "latin1");
const placeOf = (dir: string, path: string) =>
  Buffer.concat([Buffer.from(`${dir}/`), bytesOf(path)]);

/** Writes down what the tree at `dir` has now. */
export async function seal(
  dir: string,
  { entries, file, bootId }: SealPlace & { readonly entries: readonly Entry[] },
): Promise<void> {
  const changed: string[] = [];
  for (const [at, { path }] of entries.entries()) {
    changed.push(String(lstatSync(placeOf(dir, path), { bigint: true }).ctimeNs));
    if (at % BATCH === BATCH - 1) await setImmediate();
  }
  replaceFile(file, JSON.stringify({ entries, changed, bootId }));
}

export interface SealPlace {
  readonly file: string;
  readonly bootId: string;
}

/** Whether the tree at `dir` still has what was sealed in `file` under that digest. */
export async function checkSeal(
  dir: string,
  { file, bootId, digest }: SealPlace & { readonly digest: string },
): Promise<Checked> {
  const sealed = await readSeal(file, digest);
  if (sealed === null) return { kind: "damaged", path: null };
  const changed: string[] = [];
  const isSameBoot = sealed.bootId === bootId;
  let isNews = !isSameBoot;
  for (const [at, entry] of sealed.entries.entries()) {
    const now = await look(dir, entry, isSameBoot ? (sealed.changed[at] ?? "") : "");
    if (now === null) return { kind: "damaged", path: bytesOf(entry.path).toString() };
    isNews ||= now !== sealed.changed[at];
    changed.push(now);
    if (at % BATCH === BATCH - 1) await setImmediate();
  }
  // What was read and found to be the same need not be read the next time.
  if (isNews) replaceFile(file, JSON.stringify({ entries: sealed.entries, changed, bootId }));
  return { kind: "whole" };
}

async function readSeal(file: string, digest: string): Promise<Sealed | null> {
  try {
    const parsed = Sealed.safeParse(JSON.parse(await readFile(file, "utf8")));
    return parsed.success && digestOf(parsed.data.entries) === digest ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The entry's change time where it is what it was; else null. */
async function look(dir: string, entry: Entry, known: string): Promise<string | null> {
  const place = placeOf(dir, entry.path);
  const stat = lstatSync(place, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return null;
  const changed = String(stat.ctimeNs);
  switch (entry.type) {
    case "directory":
      return stat.isDirectory() ? changed : null;
    case "link":
      if (!stat.isSymbolicLink()) return null;
      return readlinkSync(place, "buffer").equals(bytesOf(entry.target)) ? changed : null;
    case "file": {
      const executable = (Number(stat.mode) & 0o111) !== 0;
      if (!stat.isFile() || Number(stat.size) !== entry.bytes || executable !== entry.executable)
        return null;
      if (changed === known) return changed;
      return (await sha256Of(place)) === entry.sha256 ? changed : null;
    }
  }
}

export async function sha256Of(path: string | Buffer): Promise<string> {
  const hash = createHash("sha256");
  // Opening a stream for each of many small files would take longer than to read them.
  if (lstatSync(path).size <= SMALL_BYTES) return hash.update(readFileSync(path)).digest("hex");
  for await (const chunk of createReadStream(path, { highWaterMark: 262_144 }))
    hash.update(chunk as Buffer);
  return hash.digest("hex");
}
