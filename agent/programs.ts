// The programs on this host, counted and ended: for whoever takes Coppice off a machine.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { askKeeper, runningPids, shutDownKeeper } from "./ask-keeper.ts";

const ASK_MS = 2_000;

/** Processes that bear our mark and live in this state directory; a zombie is none. */
function markedPids(state: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid) || pid === process.pid) return false;
      try {
        const environment = `\0${readFileSync(`/proc/${pid}/environ`, "utf8")}`;
        return environment.includes("\0COPPICE_INSTANCE=") && environment.includes(`${state}/`);
      } catch {
        return false;
      }
    });
}

/** By the keeper; where it does not answer, by what can be seen. */
export async function countPrograms(state: string): Promise<number> {
  const welcome = await askKeeper(join(state, "keeper.sock"), ASK_MS);
  return welcome === null ? markedPids(state).length : runningPids(welcome).length;
}

/** TERM, the programs' own grace but `graceMs` at most, then KILL; what the keeper did not reach is killed. */
export async function endPrograms(state: string, graceMs: number): Promise<void> {
  const answer = await shutDownKeeper(join(state, "keeper.sock"), { graceMs, withinMs: 5_000 });
  const rest = new Set([...markedPids(state), ...(answer.kind === "silent" ? answer.pids : [])]);
  for (const pid of rest) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {}
  }
}
