// Workers and the immutable versions of their specs. A row of `workers` says which versions are in force.
import { sql } from "drizzle-orm";
import {
  customType,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { DeployId, ProjectId, WorkerId } from "../../../protocol/ids.ts";
import { readSpec, type WorkerSpec } from "../../../protocol/spec.ts";

export const workers = sqliteTable(
  "workers",
  {
    id: text("id").$type<WorkerId>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    /** The name of the newest spec; kept here so that it is unique among the living. */
    name: text("name").notNull(),
    specVersion: integer("spec_version").notNull(),
    /** The version that the worker's object is known to have taken in; the sweep repeats what is above it. */
    appliedVersion: integer("applied_version").notNull().default(0),
    /** 0 as long as no variable was ever set. */
    envVersion: integer("env_version").notNull().default(0),
    /** The deploy that creating the worker asked for. */
    initialDeployId: text("initial_deploy_id").$type<DeployId>(),
    /** The master key that its object's data keys are known to be wrapped by; null where that was not noted. */
    wrappedBy: text("wrapped_by"),
    createdAt: integer("created_at").notNull(),
    deletedAt: integer("deleted_at"),
  },
  (t) => [
    uniqueIndex("workers_by_name").on(t.projectId, t.name).where(sql`deleted_at IS NULL`),
    index("workers_by_project").on(t.projectId, t.id),
    index("workers_unapplied").on(t.id).where(sql`applied_version < spec_version`),
  ],
);
export type WorkerRow = typeof workers.$inferSelect;

const specColumn = customType<{ data: WorkerSpec; driverData: string }>({
  dataType: () => "text",
  toDriver: (spec) => JSON.stringify(spec),
  fromDriver: readSpec,
});

export const workerSpecs = sqliteTable(
  "worker_specs",
  {
    workerId: text("worker_id").$type<WorkerId>().notNull(),
    version: integer("version").notNull(),
    spec: specColumn("spec").notNull(),
    actor: text("actor").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workerId, t.version] })],
);
