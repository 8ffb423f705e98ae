// The public status page: what the objects' ledgers told, what owners made public, incidents, maintenances.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Id, ProjectId, WorkerId } from "../../../protocol/ids.ts";
import type {
  DayTable,
  Impact,
  IncidentStatus,
  LedgerKind,
} from "../../../protocol/status-page.ts";

/** Written by the objects: how it is since when, and the sums of each day up to then. One row, so that both agree. */
export const workerLedgers = sqliteTable("worker_ledgers", {
  workerId: text("worker_id").$type<WorkerId>().primaryKey(),
  /** Counted by the object; an older one never overwrites a newer one. */
  version: integer("version").notNull(),
  kind: text("kind").$type<LedgerKind>().notNull(),
  /** Since when it is of that kind; the days are summed up to here. */
  since: integer("since").notNull(),
  days: text("days", { mode: "json" }).$type<DayTable>().notNull(),
  at: integer("at").notNull(),
});
export type WorkerLedger = typeof workerLedgers.$inferSelect;

export const statusComponents = sqliteTable(
  "status_components",
  {
    workerId: text("worker_id").$type<WorkerId>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    public: integer("public", { mode: "boolean" }).notNull(),
    name: text("name").notNull(),
    /** The heading under which it stands; null for none. */
    heading: text("heading"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [index("status_components_by_project").on(t.projectId)],
);
export type StatusComponent = typeof statusComponents.$inferSelect;

/** Whom an incident or a maintenance names, under the names of that day. */
export interface NamedComponent {
  readonly id: WorkerId;
  readonly name: string;
}

export const incidents = sqliteTable(
  "incidents",
  {
    id: text("id").$type<Id<"incident">>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    name: text("name").notNull(),
    status: text("status").$type<IncidentStatus>().notNull(),
    impact: text("impact").$type<Impact>().notNull(),
    components: text("components", { mode: "json" }).$type<readonly NamedComponent[]>().notNull(),
    startedAt: integer("started_at").notNull(),
    monitoringAt: integer("monitoring_at"),
    resolvedAt: integer("resolved_at"),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [index("incidents_by_project").on(t.projectId, t.startedAt)],
);
export type IncidentRow = typeof incidents.$inferSelect;

export const incidentUpdates = sqliteTable(
  "incident_updates",
  {
    id: text("id").$type<Id<"incidentUpdate">>().primaryKey(),
    incidentId: text("incident_id").$type<Id<"incident">>().notNull(),
    status: text("status").$type<IncidentStatus>().notNull(),
    message: text("message").notNull(),
    actor: text("actor").notNull(),
    at: integer("at").notNull(),
  },
  (t) => [index("incident_updates_by_incident").on(t.incidentId, t.at)],
);
export type IncidentUpdateRow = typeof incidentUpdates.$inferSelect;

export const maintenances = sqliteTable(
  "maintenances",
  {
    id: text("id").$type<Id<"maintenance">>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    name: text("name").notNull(),
    message: text("message").notNull(),
    components: text("components", { mode: "json" }).$type<readonly NamedComponent[]>().notNull(),
    startsAt: integer("starts_at").notNull(),
    endsAt: integer("ends_at").notNull(),
    createdAt: integer("created_at").notNull(),
    canceledAt: integer("canceled_at"),
  },
  (t) => [index("maintenances_by_project").on(t.projectId, t.startsAt)],
);
export type MaintenanceRow = typeof maintenances.$inferSelect;

/** How many windows in a row a component was bad or good. */
export interface Streak {
  readonly bad: number;
  readonly good: number;
}

/** One row: the last minute that was judged, and what the next one needs of it. */
export const statusClock = sqliteTable("status_clock", {
  id: integer("id").primaryKey(),
  window: integer("window").notNull(),
  at: integer("at").notNull(),
  streaks: text("streaks", { mode: "json" }).$type<Readonly<Record<string, Streak>>>().notNull(),
  /** Times in which nobody judged, [from, to] in ms: nothing is known of them. */
  gaps: text("gaps", { mode: "json" }).$type<readonly (readonly [number, number])[]>().notNull(),
});
