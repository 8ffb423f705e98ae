// The workers that are wanted here: from coppice.toml upward, else from a bare Procfile in this folder.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CoppiceToml, type WantedWorker, workersOfConfig } from "../../protocol/config.ts";
import { findUpward } from "../config/local.ts";
import { CliError, EXIT } from "../exit.ts";
import { detect } from "./detect.ts";
import { readCheckout } from "./git.ts";
import { parseToml, type RawConfig } from "./toml.ts";
import type { Wanted } from "./wanted.ts";

interface Checkout {
  readonly repo: string | null;
  readonly branch: string | null;
  readonly rootDir: string;
}

/** What the file leaves out, as the checkout has it: where the repository is, which branch, which folder of it. */
export function completed(raw: RawConfig, checkout: Checkout): RawConfig {
  const own = (worker: RawConfig["workers"][string]) => raw.repo ?? worker.repo;
  const lacks = Object.values(raw.workers).some((worker) => own(worker) === undefined);
  const branch = raw.branch ?? checkout.branch;
  const workers = Object.entries(raw.workers).map(([name, worker]) => {
    // A folder goes with the repository that it was read in.
    const root = own(worker) === undefined ? checkout.rootDir : ".";
    const given = worker.root !== undefined || raw.root !== undefined || root === ".";
    return [name, given ? worker : { ...worker, root }] as const;
  });
  return {
    ...raw,
    ...(branch ? { branch } : {}),
    ...(lacks && checkout.repo ? { repo: checkout.repo } : {}),
    workers: Object.fromEntries(workers),
  };
}

/** The workers that it comes to. */
export function wantedOf(raw: RawConfig): readonly WantedWorker[] {
  const { errors, workers } = workersOfConfig(CoppiceToml.parse(raw));
  const [first] = errors;
  if (!first) return workers;
  const [, name = "", ...field] = first.path.split(".");
  if (field[0] !== "repo")
    throw new CliError(EXIT.failed, `Worker ${name}: \`${field.join(".")}\` ${first.message}.`);
  throw new CliError(
    EXIT.failed,
    `Worker ${name} has no \`repo\`, and this folder has no remote \`origin\`.`,
  );
}

async function fromProcfile(cwd: string, localAllowed: boolean): Promise<Wanted> {
  const detected = detect(cwd);
  const checkout = await readCheckout(cwd, { localAllowed });
  if (!checkout?.repo) {
    const why = checkout ? checkout.reason : "it is not in a git repository";
    throw new CliError(EXIT.failed, `Hosts can't fetch this folder: ${why}.`, [
      "coppice init --repo URL",
    ]);
  }
  const workers = Object.fromEntries(
    detected.workers.map(({ name, startCommand }) => [
      name,
      { start: startCommand, ...(detected.buildCommand ? { build: detected.buildCommand } : {}) },
    ]),
  );
  const config = completed({ workers }, checkout);
  return {
    file: join(cwd, "Procfile"),
    project: null,
    config,
    workers: detected.workers.length > 0 ? wantedOf(config) : [],
    notes: detected.notes,
  };
}

/** `localAllowed`: the control plane is on this machine and may clone a path. */
export async function readWanted(cwd: string, localAllowed: boolean): Promise<Wanted> {
  const file = findUpward(cwd, "coppice.toml");
  if (file !== null) {
    const shown = relative(cwd, file) || file;
    const { raw } = parseToml(readFileSync(file, "utf8"), shown);
    const checkout = await readCheckout(dirname(file), { localAllowed });
    const fallback = checkout ?? { repo: null, branch: null, rootDir: "." };
    const config = completed(raw, fallback);
    return {
      file: shown,
      project: raw.project ?? null,
      config,
      workers: wantedOf(config),
      notes: [],
    };
  }
  if (existsSync(join(cwd, "Procfile"))) {
    const wanted = await fromProcfile(cwd, localAllowed);
    if (wanted.workers.length > 0) return { ...wanted, file: "Procfile" };
  }
  throw new CliError(
    EXIT.failed,
    "There is no coppice.toml here or above, and no Procfile with a worker.",
    ["coppice init"],
  );
}
