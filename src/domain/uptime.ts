// How a worker's time is counted: which kind of time it is now, and the sums of each day (UTC).
//
// 1. Every ms between the first change and `until` falls into exactly one kind of exactly one day.
// 2. Stopped by its owner, scaled to 0 and not yet deployed are not downtime. Silence of the hosts is not downtime either.
// 3. A clock that went back makes no time: a change earlier than the one before counts from that one.
import type { DaySums, DayTable, LedgerKind } from "../../protocol/status-page.ts";
import { LOOPING_RESTARTS } from "./status.ts";
import { hasProcess, type Instance, occupies, type WorkerState, wantedCount } from "./worker.ts";

export const DAY_MS = 86_400_000;

export interface Change {
  readonly at: number;
  readonly kind: LedgerKind;
}

export const NO_TIME: DaySums = { up: 0, degraded: 0, down: 0, unknown: 0, idle: 0 };

const SUM_OF = {
  up: "up",
  degraded: "degraded",
  down: "down",
  unknown: "unknown",
  stopped: "idle",
  pending: "idle",
} as const satisfies Record<LedgerKind, keyof DaySums>;

export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** A process that keeps crashing counts again once it survived its soak. */
function isUp(one: Instance): boolean {
  return hasProcess(one) && (one.state === "healthy" || one.restarts < LOOPING_RESTARTS);
}

export function ledgerKind(state: WorkerState): LedgerKind {
  const wanted = wantedCount(state.spec);
  if (wanted === 0) return "stopped";
  const standing = state.instances.filter((one) => occupies(one) && one.slot < wanted);
  const isSilent = (one: Instance) => one.hostId !== null && state.silentHosts.has(one.hostId);
  const up = new Set(standing.filter((one) => !isSilent(one) && isUp(one)).map((one) => one.slot));
  if (up.size >= wanted) return "up";
  if (up.size > 0) return "degraded";
  // What was given up with its host may still run there; a host that is back has yet to say.
  const placed = state.instances.filter((one) => one.stop === null && one.slot < wanted);
  const isUnheard = (one: Instance) => one.state === "lost" || one.state === "unknown";
  if (placed.some((one) => isUnheard(one) || isSilent(one))) return "unknown";
  return state.base === null ? "pending" : "down";
}

function addSpan(days: Map<number, DaySums>, kind: LedgerKind, from: number, to: number): void {
  const sum = SUM_OF[kind];
  for (let at = from; at < to; ) {
    const day = dayOf(at);
    const end = Math.min(to, (day + 1) * DAY_MS);
    const sums = days.get(day) ?? NO_TIME;
    days.set(day, { ...sums, [sum]: sums[sum] + (end - at) });
    at = end;
  }
}

/** The sums with the changes added, oldest first, each lasting to the next and the last one to `until`. */
export function addChanges(table: DayTable, changes: readonly Change[], until: number): DayTable {
  const days = new Map(Object.entries(table).map(([day, sums]) => [Number(day), sums]));
  let from = Number.NEGATIVE_INFINITY;
  changes.forEach((change, index) => {
    from = Math.max(from, change.at);
    const to = Math.max(from, changes[index + 1]?.at ?? until);
    addSpan(days, change.kind, from, to);
    from = to;
  });
  return Object.fromEntries(days);
}

/** Drops the days before `first`. */
export function keepDays(table: DayTable, first: number): DayTable {
  return Object.fromEntries(Object.entries(table).filter(([day]) => Number(day) >= first));
}

/** Time in which nobody watched is unknown, whatever was believed of it; what was seen to be down stays. */
export function withGaps(table: DayTable, gaps: readonly (readonly [number, number])[]): DayTable {
  if (gaps.length === 0) return table;
  return Object.fromEntries(
    Object.entries(table).map(([key, sums]) => {
      const start = Number(key) * DAY_MS;
      const blind = gaps.reduce(
        (sum, [from, to]) =>
          sum + Math.max(0, Math.min(to, start + DAY_MS) - Math.max(from, start)),
        0,
      );
      const up = Math.min(blind, sums.up);
      const degraded = Math.min(blind - up, sums.degraded);
      return [
        key,
        {
          ...sums,
          up: sums.up - up,
          degraded: sums.degraded - degraded,
          unknown: sums.unknown + up + degraded,
        },
      ];
    }),
  );
}

/** The share of counted time in which it was up, where some of its instances missing counts half; null without any. */
export function uptimeOf(sums: DaySums): number | null {
  const counted = sums.up + sums.degraded + sums.down;
  return counted === 0 ? null : (sums.up + sums.degraded / 2) / counted;
}

export function sumOf(days: Iterable<DaySums>): DaySums {
  let sum = NO_TIME;
  for (const one of days) {
    sum = {
      up: sum.up + one.up,
      degraded: sum.degraded + one.degraded,
      down: sum.down + one.down,
      unknown: sum.unknown + one.unknown,
      idle: sum.idle + one.idle,
    };
  }
  return sum;
}
