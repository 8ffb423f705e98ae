// The HOME of a worker's builds: what package managers keep there makes the next build fast, and may not grow for ever.
//
// 1. It is thrown away as a whole: half of a package manager's cache may be worse than none.
import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "../world.ts";

const BATCH = 500;

/** Bytes of all files below; counting ends where there are more than `most`. */
export async function sizeBelow(dir: string, most: number): Promise<number> {
  let bytes = 0;
  let seen = 0;
  const open = [dir];
  for (let at = open.pop(); at !== undefined && bytes <= most; at = open.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) open.push(path);
      else bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (++seen % BATCH === 0) await setImmediate();
    }
  }
  return bytes;
}

/** Go keeps its modules in directories that nobody may write to, so that not even their owner can remove them. */
export async function removeTree(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== "EACCES" && codeOf(error) !== "EPERM") throw error;
    unlock(dir);
    await rm(dir, { recursive: true, force: true });
  }
}

function unlock(dir: string): void {
  chmodSync(dir, 0o700);
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) unlock(join(dir, entry.name));
}
