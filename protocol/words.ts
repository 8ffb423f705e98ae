// What is said of a choice wherever it is made, and in the published schema.
import type { MODES, ROLLOUTS } from "./spec.ts";

export const MODE_MEANING = {
  available:
    "at least so many run, but for short gaps; an outage of the control plane stops nothing, a cut network can leave a duplicate until it heals",
  exclusive:
    "at most one per slot; an outage of the control plane stops its instances after 40 s, and they come back by themselves",
} as const satisfies Record<(typeof MODES)[number], string>;

/** How the slots go over to another release; said wherever it is chosen. */
export const ROLLOUT_MEANING = {
  "start-first":
    "each newcomer has shown itself before the old one is stopped; for that while one more than so many run",
  "stop-first":
    "each old one has ended before its newcomer starts: never more than so many run, for a while one fewer",
} as const satisfies Record<(typeof ROLLOUTS)[number], string>;
