// All that the status page shows, in one round trip: public components with their ledgers, incidents, maintenances, the clock.
import { and, asc, desc, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { projects } from "./schema/projects.ts";
import {
  type IncidentRow,
  type IncidentUpdateRow,
  incidents,
  incidentUpdates,
  type MaintenanceRow,
  maintenances,
  type StatusComponent,
  statusClock,
  statusComponents,
  type WorkerLedger,
  workerLedgers,
} from "./schema/status.ts";
import { workers } from "./schema/workers.ts";

const COMPONENTS = 2_000;
const INCIDENTS = 200;
const HISTORY_MS = 90 * 86_400_000;
const PAST_MAINTENANCE_MS = 14 * 86_400_000;

export interface PublicComponent {
  readonly component: Omit<StatusComponent, "public">;
  readonly project: string;
  /** Null where its object told nothing yet. */
  readonly ledger: Pick<WorkerLedger, "kind" | "since" | "days"> | null;
}

export interface Board {
  readonly components: readonly PublicComponent[];
  /** Newest first. */
  readonly incidents: readonly IncidentRow[];
  /** Newest first. */
  readonly updates: readonly IncidentUpdateRow[];
  readonly maintenances: readonly MaintenanceRow[];
  readonly clock: typeof statusClock.$inferSelect | null;
}

type Joined = PublicComponent["component"] & {
  readonly project: string;
  readonly kind: WorkerLedger["kind"] | null;
  readonly since: number | null;
  readonly days: WorkerLedger["days"] | null;
};

function publicComponent({ project, kind, since, days, ...component }: Joined): PublicComponent {
  const ledger = kind && since !== null && days ? { kind, since, days } : null;
  return { component, project, ledger };
}

export async function readBoard(db: Db, now: number): Promise<Board> {
  const shown = or(isNull(incidents.resolvedAt), gt(incidents.updatedAt, now - HISTORY_MS));
  const newest = [desc(incidents.startedAt), desc(incidents.id)] as const;
  const ids = db
    .select({ id: incidents.id })
    .from(incidents)
    .where(shown)
    .orderBy(...newest)
    .limit(INCIDENTS);
  const [components, rows, updates, planned, clock] = await db.batch([
    db
      .select({
        workerId: statusComponents.workerId,
        projectId: statusComponents.projectId,
        name: statusComponents.name,
        heading: statusComponents.heading,
        createdAt: statusComponents.createdAt,
        updatedAt: statusComponents.updatedAt,
        // In a batch D1 gives rows by column name, so no two may have the same.
        project: sql<string>`${projects.name}`.as("project"),
        kind: workerLedgers.kind,
        since: workerLedgers.since,
        days: workerLedgers.days,
      })
      .from(statusComponents)
      .innerJoin(workers, eq(workers.id, statusComponents.workerId))
      .innerJoin(projects, eq(projects.id, statusComponents.projectId))
      .leftJoin(workerLedgers, eq(workerLedgers.workerId, statusComponents.workerId))
      .where(and(eq(statusComponents.public, true), isNull(workers.deletedAt)))
      .orderBy(asc(projects.name), asc(statusComponents.heading), asc(statusComponents.name))
      .limit(COMPONENTS),
    db
      .select()
      .from(incidents)
      .where(shown)
      .orderBy(...newest)
      .limit(INCIDENTS),
    db
      .select()
      .from(incidentUpdates)
      .where(inArray(incidentUpdates.incidentId, ids))
      .orderBy(desc(incidentUpdates.at), desc(incidentUpdates.id)),
    db
      .select()
      .from(maintenances)
      .where(
        and(isNull(maintenances.canceledAt), gt(maintenances.endsAt, now - PAST_MAINTENANCE_MS)),
      )
      .orderBy(asc(maintenances.startsAt), asc(maintenances.id))
      .limit(INCIDENTS),
    db.select().from(statusClock).where(eq(statusClock.id, 1)),
  ]);
  return {
    components: components.map(publicComponent),
    incidents: rows,
    updates,
    maintenances: planned,
    clock: clock[0] ?? null,
  };
}
