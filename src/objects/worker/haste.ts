// After a person asked for something, lists follow quickly for a while: people look whether it came about.
//
// 1. Held in memory alone: where it is lost, lists follow at their usual pace.
// 2. Bounded: each wish pays for at most `LASTS / GAP` writes, and only while something really changes.

/** In units of the usual time between two projections. */
const LASTS = 3;
const GAP = 0.1;

export class Haste {
  #begunAt = Number.NEGATIVE_INFINITY;

  begin(now: number): void {
    this.#begunAt = now;
  }

  /** The least time between two projections now, given the usual one, both in ms. */
  gapMs(now: number, usualMs: number): number {
    return now - this.#begunAt < LASTS * usualMs ? GAP * usualMs : usualMs;
  }
}
