// The fence without cgroups: the attempt's process group and session, and every process that
// carries COPPICE_INSTANCE=<id>. A program that changes session and environment escapes it.
//
// 1. A pid is signalled only in the same breath in which /proc showed that it is the instance's.
import type { Fence, Held, Leader } from "./fence.ts";
import { hasMarker, listPids, markerOf, type ProcessStat, readStat } from "./procfs.ts";

const MARKER = "COPPICE_INSTANCE";

export function makeBestEffortFence(): Fence {
  return {
    kind: "best_effort",
    admit: () => {},
    isEmpty: (id, leader) => members(id, leader).next().done === true,
    signal: (id, leader, signal) => {
      for (const pid of [...members(id, leader)]) trySignal(pid, signal);
    },
    pids: membersOf,
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
    if (isInSession(stat, leader) || hasMarker(pid, MARKER, instanceId)) yield pid;
  }
}

/** One pass over all processes, however many are asked for. */
function membersOf(held: readonly Held[]): number[][] {
  const found = held.map((): number[] => []);
  if (held.length === 0) return found;
  for (const pid of listPids()) {
    const stat = pid === process.pid || pid === 1 ? null : readStat(pid);
    if (stat === null || stat.zombie) continue;
    const mark = markerOf(pid, MARKER);
    for (const [at, { instanceId, leader }] of held.entries())
      if (mark === instanceId || isInSession(stat, leader)) found[at]?.push(pid);
  }
  return found;
}

function isInSession(stat: ProcessStat, leader: Leader | null): boolean {
  return leader !== null && stat.session === leader.pid && stat.born >= leader.born;
}

/** A process that is gone already is no error. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
