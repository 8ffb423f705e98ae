// `npm run imports`: holds the import law of import-law.cjs, and keeps clocks and chance out of the pure rooms.
//
// The rules are data in the language of dependency-cruiser, which itself reads no TypeScript 7 and would pass everything.
// Of that language this knows: `from.path`, `to.path`, `to.pathNot`, `to.circular` (without type-only ones).
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const ROOMS = ["protocol", "src", "agent", "client", "cli", "dashboard", "scripts", "bench"];
/** Time and chance are arguments here. */
const PURE = /^(src\/domain\/|agent\/reconcile\.ts$|agent\/keeper\/policy\.ts$)/;
const IMPURE = /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\.now\b/;

interface Rule {
  readonly name: string;
  readonly comment?: string;
  readonly from: { readonly path?: string; readonly pathNot?: string };
  readonly to: {
    readonly path?: string;
    readonly pathNot?: string | readonly string[];
    readonly circular?: boolean;
  };
}

interface Import {
  readonly from: string;
  /** A file of ours, `node_modules/NAME/`, `node:NAME` or `cloudflare:NAME`. */
  readonly to: string;
  readonly typeOnly: boolean;
}

function sourceFiles(directory: string): string[] {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(directory);
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : sourceFiles(path);
    return /\.(ts|tsx|mjs|js)$/.test(entry.name) ? [path] : [];
  });
}

function readEntries(directory: string) {
  return readdirSync(directory, { withFileTypes: true });
}

/** Import statements begin a line: the formatter sees to that. Comments are blanked before. */
const STATEMENT =
  /^(?:import|export)\s+(type\s)?(?:[^;"'`]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
}

function importsOf(file: string): Import[] {
  const from = relative(root, file);
  const text = withoutComments(readFileSync(file, "utf8"));
  return [...text.matchAll(STATEMENT)].map((match) => ({
    from,
    to: target(file, match[2] ?? match[3] ?? ""),
    typeOnly: match[1] !== undefined,
  }));
}

function target(file: string, specifier: string): string {
  if (specifier.startsWith(".")) return relative(root, resolve(dirname(file), specifier));
  if (/^(node|cloudflare):/.test(specifier)) return specifier;
  return `node_modules/${specifier}/`;
}

function anyOf(patterns: string | readonly string[] | undefined): RegExp | null {
  if (patterns === undefined) return null;
  return new RegExp([patterns].flat().join("|"));
}

function breaches(rule: Rule, all: readonly Import[]): string[] {
  const fromPath = anyOf(rule.from.path);
  const fromPathNot = anyOf(rule.from.pathNot);
  const toPath = anyOf(rule.to.path);
  const toPathNot = anyOf(rule.to.pathNot);
  return all
    .filter(({ from }) => fromPath?.test(from) !== false && fromPathNot?.test(from) !== true)
    .filter(({ to }) => toPath?.test(to) !== false && toPathNot?.test(to) !== true)
    .map(
      ({ from, to }) => `${rule.name}: ${from} → ${to}${rule.comment ? `  (${rule.comment})` : ""}`,
    );
}

/** Every cycle of value imports that a depth-first walk closes. */
function cycles(all: readonly Import[]): string[] {
  const edges = Map.groupBy(
    all.filter((one) => !one.typeOnly),
    (one) => one.from,
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push(`no-cycles: ${[...path.slice(at), file].join(" → ")}`);
    if (at >= 0 || done.has(file)) return;
    for (const { to } of edges.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

function impurities(files: readonly string[]): string[] {
  return files
    .map((file) => ({ name: relative(root, file), file }))
    .filter(({ name }) => PURE.test(name))
    .flatMap(({ name, file }) =>
      withoutComments(readFileSync(file, "utf8"))
        .split("\n")
        .flatMap((line, index) => {
          const found = IMPURE.exec(line);
          return found
            ? [`pure: ${name}:${index + 1} uses ${found[0]}; take it as an argument`]
            : [];
        }),
    );
}

const { forbidden } = createRequire(import.meta.url)(join(root, "import-law.cjs")) as {
  forbidden: readonly Rule[];
};
const files = ROOMS.flatMap((room) => sourceFiles(join(root, room)));
const all = files.flatMap(importsOf);
const errors = [
  ...forbidden.flatMap((rule) => (rule.to.circular ? cycles(all) : breaches(rule, all))),
  ...impurities(files),
];
for (const error of errors) console.error(error);
console.log(
  `${files.length} files, ${all.length} imports, ${errors.length} breaches of the import law`,
);
process.exit(errors.length > 0 ? 1 : 0);
