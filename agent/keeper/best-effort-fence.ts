// The fence without cgroups: the attempt's process group and session, and every process that
// carries COPPICE_INSTANCE=<id>. A program that changes session and environment escapes it.
//
// 1. A pid is signalled only in the same breath in which /proc showed that it is the instance's.
import type { Fence, Leader } from "./fence.ts";
import { hasMarker, listPids, readStat } from "./procfs.ts";

const MARKER = "COPPICE_INSTANCE";

export function makeBestEffortFence(): Fence {
  return {
    kind: "best_effort",
    admit: () => {},
    isEmpty: (id, leader) => members(id, leader).next().done === true,
    signal: (id, leader, signal) => {
      for (const pid of [...members(id, leader)]) trySignal(pid, signal);
    },
    pids: (id, leader) => [...members(id, leader)],
    kill: (id, leader) => {
      // Whole group first: at once for those that fork meanwhile. Not after the leader was reaped:
      // then the number may be somebody else's.
      if (leader !== null && !leader.reaped) trySignal(-leader.pid, "SIGKILL");
      for (const pid of [...members(id, leader)]) trySignal(pid, "SIGKILL");
    },
    tookOom: () => false,
    watch: () => () => {},
    release: () => {},
    sweep: () => {},
    close: () => {},
  };
}

function* members(instanceId: string, leader: Leader | null): Generator<number> {
  for (const pid of listPids()) {
    if (pid === process.pid || pid === 1) continue;
    const stat = readStat(pid);
    if (stat === null || stat.zombie) continue;
    const inSession =
      leader !== null && stat.session === leader.pid && stat.born >= leader.born && pid !== 1;
    if (inSession || hasMarker(pid, MARKER, instanceId)) yield pid;
  }
}

/** A process that is gone already is no error. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
