// Where half of a project's hosts fall silent at once, it is more likely the network, or us, than all of them:
// replacing what still runs there would double it. So replacement freezes, says so, and thaws again.
import type { Policy } from "../../protocol/policy.ts";

/** What the hosts of a project looked like when one of them was lost; that one is in it. */
export interface Census {
  /** Lost within the window, or silent for so long that they soon will be. */
  readonly gone: number;
  readonly alive: number;
}

export interface Frozen {
  readonly gone: number;
  readonly of: number;
  /** Looks in a row that found less than half gone: where a network heals, the hosts come back one by one. */
  readonly calm: number;
}

/** It thaws at the second calm look. */
const CALM_LOOKS = 2;

export interface BreakerInput {
  readonly census: Census;
  /** When the host that asks was lost, ms since the epoch. */
  readonly lostAt: number;
  /** Somebody said that these hosts are dead indeed. */
  readonly thawedByHand: boolean;
  /** What the look before this one found. */
  readonly before: Frozen | null;
}

/** Why replacement freezes; null where it goes on. */
export function judgeBreaker(
  { before, census, lostAt, thawedByHand }: BreakerInput,
  now: number,
  policy: Policy["breaker"],
): Frozen | null {
  const of = census.gone + census.alive;
  if (thawedByHand || now - lostAt >= policy.thawMs) return null;
  const isHalf = of >= policy.hosts && census.gone >= of * policy.share;
  if (isHalf) return { gone: census.gone, of, calm: 0 };
  if (before === null || before.calm + 1 >= CALM_LOOKS) return null;
  return { ...before, calm: before.calm + 1 };
}

export interface Sighting {
  readonly status: "joining" | "online" | "suspect" | "lost" | "cloned" | "removed";
  /** When it was declared lost, ms since the epoch; null where it was not, or is just about to be. */
  readonly lostAt: number | null;
}

/**
 * Counts what was seen of the hosts around the time at which one of them was lost. Whoever was lost at another time,
 * or never was there, does not count at all.
 */
export function takeCensus(
  sightings: readonly Sighting[],
  aroundMs: number,
  policy: Policy["breaker"],
): Census {
  let gone = 0;
  let alive = 0;
  for (const { status, lostAt } of sightings) {
    if (status === "online") alive++;
    else if (status === "suspect") gone++;
    else if (status === "lost" && Math.abs((lostAt ?? aroundMs) - aroundMs) <= policy.windowMs)
      gone++;
  }
  return { gone, alive };
}
