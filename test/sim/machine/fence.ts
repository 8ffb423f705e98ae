// The fence of simulated hosts: as a cgroup would, it finds everything that an instance started.
import type { Fence } from "../../../agent/keeper/fence.ts";
import type { Machine } from "./machine.ts";
import { history, type Program } from "./processes.ts";
import { signalProgram } from "./programs.ts";

export function makeFence(
  machine: Machine,
  signaled: (program: Program, signal: string) => void,
): Fence {
  const members = (instanceId: string) =>
    history.filter(
      (one) =>
        one.machine === machine && one.instanceId === instanceId && (one.alive || one.straggler),
    );
  const signalAll = (instanceId: string, signal: string) => {
    for (const one of members(instanceId)) {
      if (one.alive) signaled(one, signal);
      signalProgram(one, signal);
    }
  };
  return {
    kind: "cgroup",
    admit: () => {},
    isEmpty: (id) => members(id).length === 0,
    signal: (id, _leader, signal) => signalAll(id, signal),
    pids: () => [],
    kill: (id) => signalAll(id, "SIGKILL"),
    tookOom: () => false,
    watch: () => () => {},
    release: () => {},
    sweep: (known) => {
      const strange = history.filter(
        (one) =>
          one.machine === machine && (one.alive || one.straggler) && !known.has(one.instanceId),
      );
      for (const one of strange) signalProgram(one, "SIGKILL");
    },
    close: () => {},
  };
}
