// Looks at the memory of instances whose limit nothing else holds, and says when one has more than that.
//
// 1. No timer while nobody is watched.
// 2. One pass over the machine's processes serves all that are watched.
// 3. Resident memory is read first; only where that is over the limit is it counted without what is shared.
import type { Fence, Held } from "./fence.ts";
import { memoryOf, residentOf } from "./procfs.ts";
import type { Cancel, World } from "./world.ts";

export const SAMPLE_MS = 500;

export interface Sampled {
  readonly limitBytes: number;
  readonly held: Held;
  /** Called once. */
  readonly over: () => void;
}

export class Sampler {
  readonly #world: World;
  readonly #fence: Fence;
  readonly #watched = new Set<Sampled>();
  #timer: Cancel | null = null;

  constructor(world: World, fence: Fence) {
    this.#world = world;
    this.#fence = fence;
  }

  add(sampled: Sampled): Cancel {
    this.#watched.add(sampled);
    this.#timer ??= this.#world.after(SAMPLE_MS, () => this.#look());
    return () => void this.#watched.delete(sampled);
  }

  #look(): void {
    const watched = [...this.#watched];
    const pids = this.#fence.pids(watched.map(({ held }) => held));
    for (const [at, sampled] of watched.entries()) {
      if (!isOver(pids[at] ?? [], sampled.limitBytes)) continue;
      this.#watched.delete(sampled);
      sampled.over();
    }
    this.#timer =
      this.#watched.size === 0 ? null : this.#world.after(SAMPLE_MS, () => this.#look());
  }
}

function isOver(pids: readonly number[], limitBytes: number): boolean {
  return sum(pids, residentOf) > limitBytes && sum(pids, memoryOf) > limitBytes;
}

function sum(pids: readonly number[], bytesOf: (pid: number) => number | null): number {
  return pids.reduce((bytes, pid) => bytes + (bytesOf(pid) ?? 0), 0);
}
