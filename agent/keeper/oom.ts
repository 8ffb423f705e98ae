// Whether an instance's attempt was killed for memory, by the kernel or by us, and the sentence for it.
import type { KeeperInstance } from "../../protocol/keeper.ts";
import type { Fence, Leader } from "./fence.ts";
import type { Limiter } from "./limiter.ts";
import type { Cancel } from "./world.ts";

export class OomWatch {
  readonly #instance: KeeperInstance;
  readonly #fence: Fence;
  readonly #limiter: Limiter;
  #cancel: Cancel | null = null;
  /** We saw it over its limit, and killed it. */
  #over = false;

  constructor(instance: KeeperInstance, held: { fence: Fence; limiter: Limiter }) {
    this.#instance = instance;
    this.#fence = held.fence;
    this.#limiter = held.limiter;
  }

  /** An attempt runs: what was killed before it is no news of this one. */
  begin(leader: Leader): void {
    const { instanceId } = this.#instance;
    this.#cancel?.();
    this.#cancel = this.#limiter.watch(this.#instance, leader, () => {
      this.#over = true;
      this.#fence.kill(instanceId, leader);
    });
  }

  /** The attempt ended. */
  end(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Null where nothing was killed for memory since this was asked last. */
  take(): string | null {
    const { instanceId, limits } = this.#instance;
    const took = [this.#fence.tookOom(instanceId), this.#limiter.tookOom(instanceId), this.#over];
    this.#over = false;
    return took.includes(true) ? describeOom(limits?.memoryBytes ?? null) : null;
  }
}

export function describeOom(limitBytes: number | null): string {
  if (limitBytes === null) return "Killed for memory: the host has no more.";
  return `Killed for memory: limit ${Math.round((10 * limitBytes) / 1_048_576) / 10} MB.`;
}
