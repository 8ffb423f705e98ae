// Queries of incidents: the window that the cron judged, what people add, lists for owners.
//
// 1. A window lands whole or not at all, and only on top of the window that it was judged from: a doubled cron loses.
// 2. An incident changes only from the state that was seen; what a person wrote meanwhile is never overwritten.
import { and, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Id, ProjectId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { insertAudit, runBatch, type Statement } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import {
  type IncidentRow,
  type IncidentUpdateRow,
  incidents,
  incidentUpdates,
  type Streak,
  statusClock,
} from "./schema/status.ts";

export type { IncidentRow, IncidentUpdateRow } from "./schema/status.ts";

export interface IncidentChange {
  readonly row: IncidentRow;
  /** `updatedAt` of the state that it was decided from; null where it opens. */
  readonly seenAt: number | null;
  readonly update: IncidentUpdateRow;
}

export interface JudgedWindow {
  readonly window: number;
  /** The window that was judged before; null for the first. */
  readonly last: number | null;
  readonly at: number;
  readonly streaks: Readonly<Record<string, Streak>>;
  readonly gaps: readonly (readonly [number, number])[];
  readonly changes: readonly IncidentChange[];
}

function insertUpdate(db: Db, row: IncidentUpdateRow, guard: SQL): Statement {
  return db.run(sql`
    INSERT INTO ${incidentUpdates} (id, incident_id, status, message, actor, at)
    SELECT ${row.id}, ${row.incidentId}, ${row.status}, ${row.message}, ${row.actor}, ${row.at}
    WHERE ${guard} ON CONFLICT DO NOTHING`);
}

function insertIncident(db: Db, row: IncidentRow, guard: SQL): Statement {
  return db.run(sql`
    INSERT INTO ${incidents} (id, project_id, name, status, impact, components, started_at, monitoring_at, resolved_at, updated_at)
    SELECT ${row.id}, ${row.projectId}, ${row.name}, ${row.status}, ${row.impact},
      ${JSON.stringify(row.components)}, ${row.startedAt}, ${row.monitoringAt}, ${row.resolvedAt}, ${row.updatedAt}
    WHERE ${guard} ON CONFLICT DO NOTHING`);
}

function writeChange(db: Db, { row, seenAt, update }: IncidentChange, guard: SQL): Statement[] {
  if (seenAt === null) {
    return [insertIncident(db, row, guard), insertUpdate(db, update, guard)];
  }
  const same = and(eq(incidents.id, row.id), eq(incidents.updatedAt, seenAt), guard);
  return [
    insertUpdate(db, update, sql`EXISTS (SELECT 1 FROM ${incidents} WHERE ${same})`),
    db.update(incidents).set(row).where(same),
  ];
}

export async function writeWindow(db: Db, judged: JudgedWindow): Promise<void> {
  const { window, last, at, streaks, gaps } = judged;
  const guard =
    last === null
      ? sql`NOT EXISTS (SELECT 1 FROM ${statusClock})`
      : sql`EXISTS (SELECT 1 FROM ${statusClock} WHERE id = 1 AND "window" = ${last})`;
  await runBatch(db, [
    ...judged.changes.flatMap((change) => writeChange(db, change, guard)),
    db
      .insert(statusClock)
      .values({ id: 1, window, at, streaks, gaps })
      .onConflictDoUpdate({
        target: statusClock.id,
        set: { window, at, streaks, gaps },
        setWhere: last === null ? sql`0` : eq(statusClock.window, last),
      }),
  ]);
}

export async function incidentOf(
  db: Db,
  key: { readonly projectId: ProjectId; readonly id: string },
): Promise<IncidentRow | null> {
  const mine = and(
    eq(incidents.id, key.id as Id<"incident">),
    eq(incidents.projectId, key.projectId),
  );
  return (await db.select().from(incidents).where(mine))[0] ?? null;
}

export async function updatesOf(
  db: Db,
  ids: readonly Id<"incident">[],
): Promise<IncidentUpdateRow[]> {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(incidentUpdates)
    .where(inArray(incidentUpdates.incidentId, [...ids]))
    .orderBy(desc(incidentUpdates.at), desc(incidentUpdates.id));
}

/** Newest first, before the given id. */
export async function listIncidents(
  db: Db,
  page: { readonly projectId: ProjectId; readonly before: string | null; readonly limit: number },
): Promise<IncidentRow[]> {
  const below = page.before === null ? sql`1` : sql`${incidents.id} < ${page.before}`;
  return db
    .select()
    .from(incidents)
    .where(and(eq(incidents.projectId, page.projectId), below))
    .orderBy(desc(incidents.id))
    .limit(page.limit);
}

/** Adds a person's update; false where the incident changed meanwhile. A repeat with the same id is true again. */
export async function annotate(
  db: Db,
  change: IncidentChange & { readonly seenAt: number; readonly audit: AuditRow },
): Promise<boolean> {
  const { row, seenAt, update, audit } = change;
  const same = sql`EXISTS (SELECT 1 FROM ${incidents} WHERE id = ${row.id} AND updated_at = ${seenAt})`;
  const results = await runBatch(db, [
    insertUpdate(db, update, same),
    insertAudit(db, audit, same),
    db
      .update(incidents)
      .set(row)
      .where(and(eq(incidents.id, row.id), eq(incidents.updatedAt, seenAt))),
    db
      .select({ id: incidentUpdates.id })
      .from(incidentUpdates)
      .where(eq(incidentUpdates.id, update.id)),
  ]);
  return results.at(-1)?.length === 1;
}
