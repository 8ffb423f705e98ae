// When an incident of a project opens, is watched and closes: judged once a window (a minute) from what the page shows.
//
// 1. Two bad windows in a row open, five good ones of every affected component close; what is between changes nothing.
// 2. A window is judged once: a late or a doubled call says nothing.
// 3. Unknown is neither bad nor good: it opens nothing and closes nothing.
// 4. An incident never shrinks: impact only rises, who was affected stays named.

import type { Impact, IncidentStatus, LedgerKind } from "../../protocol/status-page.ts";
import type { COMPONENT_STATUSES } from "../../protocol/statuspage.ts";

export const WINDOW_MS = 60_000;
export const OPEN_AFTER = 2;
/** A sign of recovery that is worth telling. */
export const WATCH_AFTER = 2;
export const CLOSE_AFTER = 5;
/** Fewer missed windows than this are the cron being late; more, and nobody knows what happened meanwhile. */
const BLIND_WINDOWS = 5;

/** As Statuspage names the states of a component. */
export type Condition = (typeof COMPONENT_STATUSES)[number];

export interface Watched {
  readonly kind: LedgerKind | null;
  /** Since when it is of that kind. */
  readonly since: number;
  readonly maintained: boolean;
}

/**
 * What the world is told of a component. Statuspage has no word for "not known": such a one is never operational.
 * One that its owner stopped is under maintenance.
 */
export function conditionOf(one: Watched, now: number): Condition {
  if (one.maintained) return "under_maintenance";
  switch (one.kind) {
    case "up":
      return "operational";
    case "degraded":
      return "degraded_performance";
    case "down":
      return now - one.since >= OPEN_AFTER * WINDOW_MS ? "major_outage" : "partial_outage";
    case "stopped":
    case "pending":
      return "under_maintenance";
    default:
      return "degraded_performance";
  }
}

const WEIGHT = {
  operational: 0,
  under_maintenance: 0,
  degraded_performance: 0.25,
  partial_outage: 0.5,
  major_outage: 1,
} as const satisfies Record<Condition, number>;

/** Severity by the share of all components that is affected: down counts whole, degraded a quarter. */
export function impactOf(conditions: readonly Condition[]): Impact {
  const weight = conditions.reduce((sum, one) => sum + WEIGHT[one], 0);
  if (weight === 0) return "none";
  const share = weight / conditions.length;
  if (share <= 0.25) return "minor";
  return share <= 0.75 ? "major" : "critical";
}

const RANK = { none: 0, minor: 1, major: 2, critical: 3 } as const satisfies Record<Impact, number>;

function worse(a: Impact, b: Impact): Impact {
  return RANK[a] >= RANK[b] ? a : b;
}

export type Seen = "bad" | "good" | "unclear";

export interface Streak {
  readonly bad: number;
  readonly good: number;
}
const FRESH: Streak = { bad: 0, good: 0 };

export interface JudgedComponent extends Watched {
  readonly id: string;
  readonly name: string;
}

/** Null where it is out of service: it neither opens an incident nor holds one open. */
function seenAs(one: Watched): Seen | null {
  if (one.maintained || one.kind === "stopped" || one.kind === "pending") return null;
  if (one.kind === "down" || one.kind === "degraded") return "bad";
  return one.kind === "up" ? "good" : "unclear";
}

function nextStreak(streak: Streak, seen: Seen): Streak {
  if (seen === "bad") return { bad: streak.bad + 1, good: 0 };
  return seen === "good" ? { bad: 0, good: streak.good + 1 } : streak;
}

export interface OpenIncident {
  readonly status: Exclude<IncidentStatus, "resolved">;
  readonly impact: Impact;
  readonly affected: readonly string[];
}

/** What to write: the incident as it is from now on, and one update that says so. */
export interface Step {
  readonly status: IncidentStatus;
  readonly impact: Impact;
  readonly affected: readonly string[];
  readonly reason: "opened" | "spread" | "relapsed" | "recovering" | "recovered" | "out_of_service";
  /** Those of whom the update speaks. */
  readonly about: readonly string[];
}

export interface Verdict {
  readonly streaks: Readonly<Record<string, Streak>>;
  readonly step: Step | null;
}

export function windowOf(now: number): number {
  return Math.floor(now / WINDOW_MS);
}

/** Whether this window is due, and whether so many were missed that earlier ones say nothing any more. */
export function windowDue(last: number | null, now: number): { due: boolean; blind: boolean } {
  const window = windowOf(now);
  if (last === null) return { due: true, blind: false };
  return { due: window > last, blind: window - last > BLIND_WINDOWS };
}

/** One project in one window. */
export function judge(input: {
  readonly components: readonly JudgedComponent[];
  readonly streaks: Readonly<Record<string, Streak>>;
  readonly open: OpenIncident | null;
  readonly now: number;
}): Verdict {
  const { components, open, now } = input;
  const streaks: Record<string, Streak> = {};
  for (const one of components) {
    const seen = seenAs(one);
    if (seen) streaks[one.id] = nextStreak(input.streaks[one.id] ?? FRESH, seen);
  }
  const isBad = (id: string) => (streaks[id]?.bad ?? 0) >= OPEN_AFTER;
  const bad = components.map(({ id }) => id).filter(isBad);
  const impact = impactOf(
    components.map((one) => (isBad(one.id) ? conditionOf(one, now) : "operational")),
  );
  return { streaks, step: open ? onward(open, { streaks, bad, impact }) : opening(bad, impact) };
}

function opening(bad: readonly string[], impact: Impact): Step | null {
  if (bad.length === 0) return null;
  return { status: "investigating", impact, affected: bad, reason: "opened", about: bad };
}

function onward(
  open: OpenIncident,
  seen: {
    readonly streaks: Readonly<Record<string, Streak>>;
    readonly bad: readonly string[];
    readonly impact: Impact;
  },
): Step | null {
  const { bad, streaks } = seen;
  const affected = [...new Set([...open.affected, ...bad])];
  const next = { impact: worse(open.impact, seen.impact), affected };
  const fresh = bad.filter((id) => !open.affected.includes(id));
  const back = bad.filter((id) => streaks[id]?.bad === OPEN_AFTER);
  const isWatched = open.status === "monitoring";
  if (isWatched && back.length > 0)
    return { ...next, status: "investigating", reason: "relapsed", about: back };
  if (fresh.length > 0) return { ...next, status: open.status, reason: "spread", about: fresh };
  const inService = affected.filter((id) => streaks[id] !== undefined);
  if (inService.length === 0)
    return { ...next, status: "resolved", reason: "out_of_service", about: affected };
  const least = Math.min(...inService.map((id) => streaks[id]?.good ?? 0));
  if (least >= CLOSE_AFTER)
    return { ...next, status: "resolved", reason: "recovered", about: affected };
  if (!isWatched && least >= WATCH_AFTER)
    return { ...next, status: "monitoring", reason: "recovering", about: inService };
  // It grew worse without anybody new: worth keeping, not worth telling.
  return null;
}
