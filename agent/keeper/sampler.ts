// Looks at the memory of instances whose limit nothing else holds, and says when one has more than that.
//
// 1. No timer while nobody is watched.
// 2. Resident memory is read first; only where that is over the limit is it counted without what is shared.
import { memoryOf, residentOf } from "./procfs.ts";
import type { Cancel, World } from "./world.ts";

export const SAMPLE_MS = 500;

export interface Sampled {
  readonly limitBytes: number;
  readonly pids: () => number[];
  /** Called once. */
  readonly over: () => void;
}

export class Sampler {
  readonly #world: World;
  readonly #watched = new Set<Sampled>();
  #timer: Cancel | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  add(sampled: Sampled): Cancel {
    this.#watched.add(sampled);
    this.#timer ??= this.#world.after(SAMPLE_MS, () => this.#look());
    return () => void this.#watched.delete(sampled);
  }

  #look(): void {
    for (const sampled of [...this.#watched]) {
      const pids = sampled.pids();
      if (!isOver(pids, sampled.limitBytes)) continue;
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
