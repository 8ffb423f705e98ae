// The workers that are wanted here: from coppice.toml upward, else from a bare Procfile in this folder.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { findUpward } from "../config/local.ts";
import { CliError, EXIT } from "../exit.ts";
import { detect } from "./detect.ts";
import { readCheckout } from "./git.ts";
import { type CoppiceToml, parseToml } from "./toml.ts";
import type { Wanted, WantedWorker } from "./wanted.ts";

/** Pure: the tables of the file, with what the top says for all. `fallback` gives what the file may leave out. */
export function wantedOf(
  toml: CoppiceToml,
  fallback: {
    readonly repo: string | null;
    readonly branch: string | null;
    readonly rootDir: string;
  },
): WantedWorker[] {
  return Object.entries(toml.workers).map(([name, worker]): WantedWorker => {
    const repo = worker.repo ?? toml.repo ?? fallback.repo;
    if (!repo) {
      throw new CliError(
        EXIT.failed,
        `Worker ${name} has no \`repo\`, and this folder has no remote \`origin\`.`,
      );
    }
    return {
      name,
      repo,
      branch: worker.branch ?? toml.branch ?? fallback.branch ?? "main",
      rootDir: worker.root ?? toml.root ?? (toml.repo || worker.repo ? "." : fallback.rootDir),
      buildCommand: worker.build ?? null,
      predeployCommand: worker.predeploy ?? null,
      startCommand: worker.start,
      instances: worker.instances ?? null,
      mode: worker.mode ?? "available",
      rollout: worker.rollout ?? "start-first",
      memoryBytes: worker.memory ?? null,
      cpus: worker.cpus ?? null,
      pids: worker.pids ?? null,
      openFiles: worker.open_files ?? null,
      hosts: worker.hosts ?? {},
      stopSignal: worker.stop?.signal ?? "SIGTERM",
      stopGraceMs: worker.stop?.grace ?? 30_000,
      env: { ...toml.env, ...worker.env },
      secrets: [...new Set([...(toml.secrets ?? []), ...(worker.secrets ?? [])])],
    };
  });
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
  const toml = Object.fromEntries(
    detected.workers.map(({ name, startCommand }) => [
      name,
      { start: startCommand, ...(detected.buildCommand ? { build: detected.buildCommand } : {}) },
    ]),
  );
  return {
    file: join(cwd, "Procfile"),
    project: null,
    workers: wantedOf({ workers: toml }, checkout),
    notes: detected.notes,
  };
}

/** `localAllowed`: the control plane is on this machine and may clone a path. */
export async function readWanted(cwd: string, localAllowed: boolean): Promise<Wanted> {
  const file = findUpward(cwd, "coppice.toml");
  if (file !== null) {
    const shown = relative(cwd, file) || file;
    const toml = parseToml(readFileSync(file, "utf8"), shown);
    const checkout = await readCheckout(dirname(file), { localAllowed });
    const fallback = checkout ?? { repo: null, branch: null, rootDir: "." };
    return {
      file: shown,
      project: toml.project ?? null,
      workers: wantedOf(toml, fallback),
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
