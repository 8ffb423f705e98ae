// The programs on this host, counted and ended: for whoever takes Coppice off a machine, or stops its keeper.
//
// 1. A keeper that does not answer is ended first: it would start again what is killed here.
// 2. Where there are cgroups, what a program started is found by them, whatever it did to hide.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeeperInstance } from "../protocol/keeper.ts";
import { askKeeper, runningPids, shutDownKeeper } from "./ask-keeper.ts";
import { readIfThere } from "./durable.ts";
import { makeBestEffortFence, trySignal } from "./keeper/best-effort-fence.ts";
import { INSTANCE_FILES } from "./keeper/instance-store.ts";
import { listPids, read } from "./keeper/procfs.ts";
import { runningPid } from "./upgrade/layout.ts";

const ASK_MS = 2_000;
const ANSWER_MS = 5_000;

/** Processes that bear our mark and live in this state directory; a zombie is none. */
function markedPids(state: string): number[] {
  return listPids().filter((pid) => {
    if (pid === process.pid) return false;
    const environment = `\0${read(`/proc/${pid}/environ`) ?? ""}`;
    return environment.includes("\0COPPICE_INSTANCE=") && environment.includes(`${state}/`);
  });
}

/** What the keeper was to run, by the files that it left. */
function instancesOnDisk(state: string): Pick<KeeperInstance, "instanceId" | "mode">[] {
  const root = join(state, "instances");
  return namesIn(root).flatMap((instanceId) =>
    INSTANCE_FILES.flatMap((file) => {
      const text = read(join(root, instanceId, file));
      return text === null ? [] : [{ instanceId, mode: modeIn(text) }];
    }),
  );
}

/** One that can't be read was to run all the same. */
function modeIn(text: string): KeeperInstance["mode"] {
  try {
    const { mode } = JSON.parse(text) as Partial<KeeperInstance>;
    return mode === "exclusive" ? "exclusive" : "available";
  } catch {
    return "available";
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

export interface Count {
  readonly running: number;
  /** The keeper should know, and does not answer: there may be more. */
  readonly silent: boolean;
}

/** By the keeper; where it does not answer, by what can be seen. */
export async function countPrograms(state: string): Promise<Count> {
  const welcome = await askKeeper(join(state, "keeper.sock"), ASK_MS);
  if (welcome !== null) return { running: runningPids(welcome).length, silent: false };
  return { running: markedPids(state).length, silent: instancesOnDisk(state).length > 0 };
}

export interface EndOptions {
  readonly graceMs: number;
  /** Those of one mode alone; the others run on. */
  readonly only?: KeeperInstance["mode"];
}

/** TERM, the programs' own grace but `graceMs` at most, then KILL; what the keeper did not reach is killed. */
export async function endPrograms(state: string, { graceMs, only }: EndOptions): Promise<void> {
  const socket = join(state, "keeper.sock");
  const times = { graceMs, withinMs: ANSWER_MS };
  const answer = await shutDownKeeper(socket, only ? { ...times, only } : times);
  if (answer.kind === "silent") {
    const keeper = runningPid(state, "keeper");
    if (keeper !== null) trySignal(keeper, "SIGKILL");
  } else if (only !== undefined) return;
  const base = readIfThere(join(state, "cgroup"))?.trim();
  for (const { instanceId, mode } of instancesOnDisk(state)) {
    if (only !== undefined && mode !== only) continue;
    if (base) killGroup(join(base, `i-${instanceId}`));
    makeBestEffortFence().kill(instanceId, null);
  }
  if (only !== undefined) return;
  const rest = [...markedPids(state), ...(answer.kind === "silent" ? answer.pids : [])];
  for (const pid of rest) trySignal(pid, "SIGKILL");
}

function killGroup(dir: string): void {
  try {
    writeFileSync(join(dir, "cgroup.kill"), "1");
  } catch {
    // There is none, or no more.
  }
}
