// Loads the real sources into the simulated world: what they take from the platform and from Node comes from fakes,
// and a planted bug is written into a source on its way in.
//
// 1. Production code knows nothing of this: only import addresses change.
// 2. A planted bug whose place is not found exactly once stops the run: it would prove nothing.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Edit, Mutant } from "./mutants.ts";

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
  ["agent/", "./artifacts/prepare.ts", fake("machine/build-job.ts")],
];

/** Gives the question whether all of the planted bug was loaded. */
export function loadIntoWorld(mutant: Mutant | null): () => boolean {
  const planted = new Set<Edit>();
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
      const edits = mutant?.edits.filter(({ file }) => url === `${ROOT}${file}`) ?? [];
      if (edits.length === 0) return next(url, context);
      const loaded = next(url, context);
      const source = edits.reduce(plant, String(loaded.source ?? readFileSync(fileURLToPath(url))));
      for (const edit of edits) planted.add(edit);
      return { ...loaded, source };
    },
  });
  return () => mutant === null || mutant.edits.every((edit) => planted.has(edit));
}

export function plant(source: string, { file, find, replace }: Edit): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new Error(
      `the place of a planted bug stands ${parts.length - 1} times in ${file}; bring mutants.ts up to date: ${find}`,
    );
  return parts.join(replace);
}
