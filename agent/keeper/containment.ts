// Chooses how programs are held on this machine: the strongest fence, and a mechanism for each limit.
import { accessSync, constants } from "node:fs";
import type { Containment, KeeperHouse } from "../../protocol/keeper.ts";
import { makeBestEffortFence } from "./best-effort-fence.ts";
import { openBase2, openBases1 } from "./cgroup-base.ts";
import { CgroupFence } from "./cgroup-fence.ts";
import type { Fence } from "./fence.ts";
import { Limiter } from "./limiter.ts";
import { type Controller, chooseMechanisms } from "./mechanism.ts";
import { hasNoNewPrivs } from "./procfs.ts";
import type { World } from "./world.ts";

export interface ContainmentOptions {
  readonly stateDir: string;
  readonly world: World;
  /** False: don't even try. */
  readonly cgroups: boolean;
}

export interface Held {
  readonly fence: Fence;
  readonly limiter: Limiter;
  readonly containment: Containment;
  readonly house: KeeperHouse;
  /** Where it has to be put before a command; null where it need not, or is not there. */
  readonly setpriv: string | null;
}

const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"];

export function contain({ stateDir, world, cgroups }: ContainmentOptions): Held {
  const bestEffort = makeBestEffortFence();
  const base2 = cgroups ? openBase2(stateDir) : null;
  const has2 = base2?.controllers ?? new Set<Controller>();
  const bases1 = cgroups ? openBases1(stateDir, has2) : new Map<Controller, string>();
  const fence = base2 === null ? bestEffort : new CgroupFence(base2, world.log, bestEffort);
  const limits = chooseMechanisms({ cgroup2: has2, cgroup1: new Set(bases1.keys()) });
  const setpriv = hasNoNewPrivs() ? null : (SETPRIV.find(isExecutable) ?? null);
  const limiter = new Limiter({ world, fence, base2, bases1, inForce: limits });
  const noNewPrivs = hasNoNewPrivs() ? "inherited" : setpriv === null ? "none" : "setpriv";
  const [memory = null, cpu = null, pids = null] = (["memory", "cpu", "pids"] as const).map(
    (controller) => bases1.get(controller) ?? null,
  );
  const dirs = { cgroup2: base2?.dir ?? null, memory, cpu, pids };
  const house = { limits, noNewPrivs, cgroups: dirs } as const;
  return { fence, limiter, containment: fence.kind, house, setpriv };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
