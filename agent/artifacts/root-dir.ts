// The directory of a repository that a worker asks for: it has to be one, and inside.
import { realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure } from "./failure.ts";
import { leavesDir } from "./tree.ts";

/** Throws a `Failure` where there is none in the tree at `dir`. */
export function checkRootDir(dir: string, rootDir: string): void {
  const wanted = join(dir, rootDir);
  const missing = new Failure(
    "root_dir_not_found",
    `There is no directory \`${rootDir}\` in the repository at this commit.`,
  );
  if (!statSync(wanted, { throwIfNoEntry: false })?.isDirectory()) throw missing;
  if (leavesDir(relative(realpathSync(dir), realpathSync(wanted)))) throw missing;
}
