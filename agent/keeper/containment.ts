// Chooses the fence: the strongest that this machine gives us.
import { makeBestEffortFence } from "./best-effort-fence.ts";
import { makeCgroupFence } from "./cgroup-fence.ts";
import type { Fence, FenceOptions } from "./fence.ts";

export function makeFence(options: FenceOptions): Fence {
  const bestEffort = makeBestEffortFence();
  return (options.cgroups ? makeCgroupFence(options, bestEffort) : null) ?? bestEffort;
}
