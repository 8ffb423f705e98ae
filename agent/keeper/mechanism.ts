// Which mechanism holds which limit, from what this machine was found to offer. Pure.
//
// 1. Version 2 is preferred; version 1 serves only where it alone has the controller.
// 2. Open files are the kernel's business everywhere; memory is never without a limit, at worst it is looked at.
import type { InForce, Mechanism } from "../../protocol/keeper.ts";

export const CONTROLLERS = ["memory", "cpu", "pids"] as const;
export type Controller = (typeof CONTROLLERS)[number];

export interface Offer {
  /** Controllers that the cgroups of instances have in version 2; null where none can be made. */
  readonly cgroup2: ReadonlySet<Controller> | null;
  /** Controllers of version 1 below which we can make groups. */
  readonly cgroup1: ReadonlySet<Controller>;
}

export function chooseMechanisms(offer: Offer): InForce {
  const by = (controller: Controller, otherwise: Mechanism): Mechanism => {
    if (offer.cgroup2?.has(controller)) return "cgroup2";
    return offer.cgroup1.has(controller) ? "cgroup1" : otherwise;
  };
  return {
    memory: by("memory", "sampled"),
    cpus: by("cpu", "none"),
    pids: by("pids", "none"),
    openFiles: "rlimit",
  };
}

/** How long a core may be used in each period, µs: the kernel takes no less than 1 ms of it. */
export const CPU_PERIOD_US = 100_000;

export function cpuQuotaUs(cpus: number): number {
  return Math.max(1_000, Math.round(cpus * CPU_PERIOD_US));
}

/** Files of a cgroup and what is written to each. */
export type Setting = readonly [file: string, value: string];

export interface Amounts {
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly pids: number | null;
}

/** In a cgroup of version 2: only for controllers that it has. Null stands for no limit. */
export function settings2(amounts: Amounts, has: ReadonlySet<Controller>): Setting[] {
  const { memoryBytes, cpus, pids } = amounts;
  const settings: Setting[] = [];
  if (memoryBytes !== null && has.has("memory"))
    settings.push(
      ["memory.max", String(memoryBytes)],
      ["memory.swap.max", "0"],
      // Half a program is worse than none: its next attempt starts whole.
      ["memory.oom.group", "1"],
    );
  if (cpus !== null && has.has("cpu"))
    settings.push(["cpu.max", `${cpuQuotaUs(cpus)} ${CPU_PERIOD_US}`]);
  if (pids !== null && has.has("pids")) settings.push(["pids.max", String(pids)]);
  return settings;
}

/** In a group of one controller of version 1; empty where nothing is limited there. */
export function settings1(amounts: Amounts, controller: Controller): Setting[] {
  const { memoryBytes, cpus, pids } = amounts;
  switch (controller) {
    case "memory":
      // Memory and swap together may not be less than memory alone: in this order.
      return memoryBytes === null
        ? []
        : [
            ["memory.limit_in_bytes", String(memoryBytes)],
            ["memory.memsw.limit_in_bytes", String(memoryBytes)],
          ];
    case "cpu":
      return cpus === null
        ? []
        : [
            ["cpu.cfs_period_us", String(CPU_PERIOD_US)],
            ["cpu.cfs_quota_us", String(cpuQuotaUs(cpus))],
          ];
    case "pids":
      return pids === null ? [] : [["pids.max", String(pids)]];
  }
}

/** Files that a kernel may lack: without swap accounting there is nothing to write. */
export const OPTIONAL_FILES: ReadonlySet<string> = new Set([
  "memory.swap.max",
  "memory.oom.group",
  "memory.memsw.limit_in_bytes",
]);
