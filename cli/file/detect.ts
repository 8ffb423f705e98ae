// What a folder suggests: workers from its Procfile, else from package.json, and a build command that fits.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseProcfile, workerName } from "./procfile.ts";

export interface Suggestion {
  readonly name: string;
  readonly startCommand: string;
}

export interface Detected {
  /** The file that the workers come from; null where nothing was found. */
  readonly source: "Procfile" | "package.json" | null;
  readonly workers: readonly Suggestion[];
  readonly buildCommand: string | null;
  /** Of a Procfile's `release`. */
  readonly predeploy: string | null;
  readonly notes: readonly string[];
}

interface PackageJson {
  readonly name?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
}

function readPackage(folder: string): PackageJson | null {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;
  } catch {
    return null;
  }
}

/** What makes the folder ready to run: dependencies, and the build script where there is one. */
function buildCommand(folder: string, pkg: PackageJson | null): string | null {
  const has = (name: string) => existsSync(join(folder, name));
  if (pkg) {
    const [install, run] = has("pnpm-lock.yaml")
      ? ["pnpm install --frozen-lockfile", "pnpm"]
      : has("yarn.lock")
        ? ["yarn install --immutable", "yarn"]
        : [has("package-lock.json") ? "npm ci" : "npm install", "npm"];
    return typeof pkg.scripts?.build === "string" ? `${install} && ${run} run build` : install;
  }
  if (has("requirements.txt"))
    return "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt";
  return null;
}

function fromProcfile(folder: string): Omit<Detected, "buildCommand"> | null {
  let text: string;
  try {
    text = readFileSync(join(folder, "Procfile"), "utf8");
  } catch {
    return null;
  }
  const { entries, strange } = parseProcfile(text);
  const notes = strange.map((line) => `Procfile: did not understand "${line}", left out`);
  const workers = new Map<string, Suggestion>();
  let predeploy: string | null = null;
  for (const { type, name, command } of entries) {
    if (type === "release") predeploy = command;
    else if (type === "web") {
      notes.push(
        "Procfile: left out `web`; it wants a PORT and an address, which workers here have not",
      );
    } else if (name === null || workers.has(name))
      notes.push(`Procfile: left out \`${type}\`: its name is taken or empty`);
    else {
      if (name !== type) notes.push(`Procfile: \`${type}\` becomes \`${name}\``);
      workers.set(name, { name, startCommand: command });
    }
  }
  return { source: "Procfile", workers: [...workers.values()], predeploy, notes };
}

/** Scripts that sound like a worker; `start` where none does. */
function fromPackage(folder: string, pkg: PackageJson): Suggestion[] {
  const scripts = Object.keys(pkg.scripts ?? {});
  const sounding = scripts.filter((name) =>
    /^(workers?|queue|consumer|bot|jobs?)([:-].+)?$|^start:(?!dev|web)/.test(name),
  );
  const found = sounding.map((script) => ({
    name: workerName(script.replace(/^start:/, "")) ?? "worker",
    startCommand: `npm run ${script}`,
  }));
  if (found.length > 0) return found;
  if (!scripts.includes("start")) return [];
  const own = typeof pkg.name === "string" ? workerName(pkg.name.replace(/^@[^/]+\//, "")) : null;
  return [{ name: own ?? workerName(basename(folder)) ?? "worker", startCommand: "npm start" }];
}

export function detect(folder: string): Detected {
  const pkg = readPackage(folder);
  const build = buildCommand(folder, pkg);
  const procfile = fromProcfile(folder);
  if (procfile) return { ...procfile, buildCommand: build };
  const workers = pkg ? fromPackage(folder, pkg) : [];
  return {
    source: workers.length > 0 ? "package.json" : null,
    workers,
    buildCommand: build,
    predeploy: null,
    notes: [],
  };
}
