// Removes versions that nothing names any more: a host keeps the one in use and the one before it.
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { linkedVersion, ROLES } from "./layout.ts";
import { readTrial } from "./trial.ts";

const SPARE = 1;

/** Names of what was removed. */
export function tidyVersions(prefix: string): string[] {
  const root = join(prefix, "versions");
  const used = new Set(
    ROLES.flatMap((role) => [linkedVersion(prefix, role), readTrial(prefix, role)?.from ?? null]),
  );
  const unused = readdirSync(root)
    .filter((name) => !used.has(name))
    .map((name) => ({ name, at: statSync(join(root, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
    .slice(SPARE);
  for (const { name } of unused) rmSync(join(root, name), { recursive: true, force: true });
  return unused.map(({ name }) => name);
}
