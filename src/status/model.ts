// What the page knows, as one plain value: made from D1, kept as a snapshot, and rendered in every form.
import type { Impact, IncidentStatus, LedgerKind } from "../../protocol/status-page.ts";
import type { Board, PublicComponent } from "../db/status-board.ts";
import { type Condition, conditionOf } from "../domain/incidents.ts";
import { addChanges, DAY_MS, dayOf, NO_TIME, sumOf, uptimeOf, withGaps } from "../domain/uptime.ts";

export const DAYS = 90;

/** Seconds up, degraded, down, unknown, idle; 0 where nothing was recorded that day. */
export type Day = readonly [number, number, number, number, number] | 0;

export interface Component {
  readonly id: string;
  readonly name: string;
  readonly heading: string | null;
  readonly project: string;
  readonly kind: LedgerKind | null;
  readonly condition: Condition;
  readonly maintained: boolean;
  /** ms since the epoch, like all times here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Oldest first; the last one is `lastDay`. */
  readonly days: readonly Day[];
  /** Of all days; null where no time was counted. */
  readonly uptime: number | null;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Incident {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly status: IncidentStatus;
  readonly impact: Impact;
  readonly components: readonly Named[];
  readonly startedAt: number;
  readonly monitoringAt: number | null;
  readonly resolvedAt: number | null;
  readonly updatedAt: number;
  readonly updates: readonly {
    readonly id: string;
    readonly status: IncidentStatus;
    readonly message: string;
    readonly at: number;
  }[];
}

export interface Maintenance {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly message: string;
  readonly components: readonly Named[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdAt: number;
}

export interface Model {
  readonly asOf: number;
  /** Days since the epoch. */
  readonly lastDay: number;
  readonly components: readonly Component[];
  readonly incidents: readonly Incident[];
  readonly maintenances: readonly Maintenance[];
}

const seconds = (ms: number) => Math.round(ms / 1_000);

function daysOf({ ledger }: PublicComponent, board: Board, now: number) {
  const last = dayOf(now);
  if (!ledger) return { days: Array<Day>(DAYS).fill(0), uptime: null };
  const from = Math.max(ledger.since, (last - DAYS) * DAY_MS);
  const open = addChanges(ledger.days, [{ at: from, kind: ledger.kind }], now);
  const table = withGaps(open, board.clock?.gaps ?? []);
  const shown = Array.from({ length: DAYS }, (_, i) => table[last - DAYS + 1 + i] ?? NO_TIME);
  const days = shown.map((one): Day => {
    const day = [one.up, one.degraded, one.down, one.unknown, one.idle].map(seconds);
    return day.some((sum) => sum > 0) ? (day as unknown as Day) : 0;
  });
  return { days, uptime: uptimeOf(sumOf(shown)) };
}

export function maintainedNow(board: Pick<Board, "maintenances">, now: number): Set<string> {
  const running = board.maintenances.filter((one) => one.startsAt <= now && now < one.endsAt);
  return new Set(running.flatMap((one) => one.components.map(({ id }) => id)));
}

export function makeModel(board: Board, now: number): Model {
  const maintained = maintainedNow(board, now);
  const projects = new Map(
    board.components.map(({ component, project }) => [component.projectId, project]),
  );
  const components = board.components.map((one): Component => {
    const { component, project, ledger } = one;
    const watched = {
      kind: ledger?.kind ?? null,
      since: ledger?.since ?? 0,
      maintained: maintained.has(component.workerId),
    };
    return {
      id: component.workerId,
      name: component.name,
      heading: component.heading,
      project,
      kind: watched.kind,
      condition: conditionOf(watched, now),
      maintained: watched.maintained,
      createdAt: component.createdAt,
      updatedAt: Math.max(component.updatedAt, ledger?.since ?? 0),
      ...daysOf(one, board, now),
    };
  });
  return {
    asOf: now,
    lastDay: dayOf(now),
    components,
    incidents: board.incidents.flatMap(({ projectId, ...row }) => {
      const project = projects.get(projectId);
      const updates = board.updates
        .filter((one) => one.incidentId === row.id)
        .map(({ id, status, message, at }) => ({ id, status, message, at }));
      return project === undefined ? [] : [{ ...row, project, updates }];
    }),
    maintenances: board.maintenances.flatMap(({ projectId, canceledAt: _, ...row }) => {
      const project = projects.get(projectId);
      return project === undefined ? [] : [{ ...row, project }];
    }),
  };
}

/** What one project shows; null where it shows nothing, as if it did not exist. */
export function modelOf(model: Model, project: string): Model | null {
  const mine = <T extends { readonly project: string }>(all: readonly T[]) =>
    all.filter((one) => one.project === project);
  const components = mine(model.components);
  if (components.length === 0) return null;
  return {
    ...model,
    components,
    incidents: mine(model.incidents),
    maintenances: mine(model.maintenances),
  };
}
