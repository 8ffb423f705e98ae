// Loads the real sources into the simulated world: what they take from the platform and from Node comes from fakes,
// and a planted bug is written into a source on its way in.
//
// 1. Production code knows nothing of this: only import addresses change.
// 2. A planted bug whose place is not found exactly once stops the run: it would prove nothing.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutants.ts";

const ROOT = new URL("../../", import.meta.url).href;
const fake = (path: string) => new URL(path, import.meta.url).href;

/** By importer's folder: which import becomes which fake. */
const FAKES: readonly (readonly [from: string, specifier: string, to: string])[] = [
  ["src/", "cloudflare:workers", fake("platform/cloudflare.ts")],
  ["src/", "jose", fake("platform/jose.ts")],
  ["agent/", "node:fs", fake("machine/fs.ts")],
  ["agent/", "node:fs/promises", fake("machine/fs-promises.ts")],
  ["agent/", "node:child_process", fake("machine/child-process.ts")],
  ["agent/", "./procfs.ts", fake("machine/procfs.ts")],
  ["agent/", "./artifacts/build.ts", fake("machine/build-job.ts")],
];

export function loadIntoWorld(mutant: Mutant | null): void {
  let planted = 0;
  registerHooks({
    resolve: (specifier, context, next) => {
      const from = context.parentURL ?? "";
      const found = FAKES.find(
        ([room, name]) => name === specifier && from.startsWith(`${ROOT}${room}`),
      );
      return found ? { url: found[2], shortCircuit: true } : next(specifier, context);
    },
    load: (url, context, next) => {
      if (url.startsWith(`${ROOT}drizzle/`) && /\.(sql|json)$/.test(url)) {
        const text = readFileSync(fileURLToPath(url), "utf8");
        const value = url.endsWith(".json") ? text : JSON.stringify(text);
        return { format: "module", source: `export default ${value};`, shortCircuit: true };
      }
      if (mutant === null || url !== `${ROOT}${mutant.file}`) return next(url, context);
      const loaded = next(url, context);
      planted += 1;
      return { ...loaded, source: plant(mutant, String(loaded.source ?? readFileSync(fileURLToPath(url)))) };
    },
  });
  if (mutant !== null)
    process.on("exit", (code) => {
      if (planted === 0 && code === 0) {
        process.stderr.write(`${mutant.file} was never loaded: the bug was not planted\n`);
        process.exitCode = 3;
      }
    });
}

export function plant(mutant: Pick<Mutant, "name" | "file" | "find" | "replace">, source: string): string {
  const parts = source.split(mutant.find);
  if (parts.length !== 2)
    throw new Error(
      `${mutant.name}: its place stands ${parts.length - 1} times in ${mutant.file}; bring mutants.ts up to date`,
    );
  return parts.join(mutant.replace);
}
