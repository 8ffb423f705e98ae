// Work that can wait for a moment without starts: a hundred instances that start together get the machine first.
//
// 1. What is added runs once `quietMs` have passed without another addition, but `latestMs` after the first at most.
// 2. A long queue runs in slices: an exit that comes meanwhile does not wait for the whole of it.
import type { Cancel, World } from "./world.ts";

const SLICE = 16;

export interface LullOptions {
  readonly quietMs: number;
  readonly latestMs: number;
}

export class Lull {
  readonly #world: World;
  readonly #options: LullOptions;
  #waiting = new Set<() => void>();
  #timer: Cancel | null = null;
  #firstMs = 0;
  #lastMs = 0;

  constructor(world: World, options: LullOptions) {
    this.#world = world;
    this.#options = options;
  }

  add(run: () => void): Cancel {
    this.#lastMs = this.#world.nowMs();
    if (this.#timer === null) {
      this.#firstMs = this.#lastMs;
      this.#look(this.#options.quietMs);
    }
    // The same function may be added twice.
    const entry = () => run();
    this.#waiting.add(entry);
    return () => void this.#waiting.delete(entry);
  }

  /** A timer set in the middle of long work is due at once after it, so its word alone does not count. */
  #look(delayMs: number): void {
    this.#timer = this.#world.after(delayMs, () => {
      const { quietMs, latestMs } = this.#options;
      const nowMs = this.#world.nowMs();
      const stillMs = nowMs - this.#lastMs;
      if (stillMs < quietMs && nowMs - this.#firstMs < latestMs) this.#look(quietMs - stillMs);
      else this.#runSlice();
    });
  }

  #runSlice(): void {
    this.#timer = null;
    let left = SLICE;
    for (const run of this.#waiting) {
      if (left-- === 0) break;
      this.#waiting.delete(run);
      run();
    }
    if (this.#waiting.size > 0 && this.#timer === null) {
      this.#timer = this.#world.after(0, () => this.#runSlice());
    }
  }
}
