// What the objects tell D1 for lists and for placement. Never the truth: each row says from when it is.
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Capacity, HostFacts } from "../../../protocol/channel.ts";
import type { HostId, WorkerId } from "../../../protocol/ids.ts";
import type { WorkerStatus } from "../../../protocol/instance.ts";
import type { LiveEnv } from "../../../protocol/live-env.ts";
import type { HostStatus } from "../../../protocol/rest.ts";

export const workerProjections = sqliteTable("worker_projections", {
  workerId: text("worker_id").$type<WorkerId>().primaryKey(),
  /** Counted by the object; an older one never overwrites a newer one. */
  version: integer("version").notNull(),
  status: text("status").$type<WorkerStatus>().notNull(),
  statusReason: text("status_reason"),
  running: integer("running").notNull(),
  release: integer("release"),
  lastDeployAt: integer("last_deploy_at"),
  lastCrashAt: integer("last_crash_at"),
  /** The variables of the live release; null where there is none. */
  liveEnv: text("live_env", { mode: "json" }).$type<LiveEnv>(),
  at: integer("at").notNull(),
});
export type WorkerProjection = typeof workerProjections.$inferSelect;

export const hostProjections = sqliteTable("host_projections", {
  hostId: text("host_id").$type<HostId>().primaryKey(),
  version: integer("version").notNull(),
  status: text("status").$type<HostStatus>().notNull(),
  capacity: text("capacity", { mode: "json" }).$type<Capacity>(),
  facts: text("facts", { mode: "json" }).$type<HostFacts>(),
  used: integer("used").notNull(),
  /** What its reservations hold. */
  heldMemoryBytes: integer("held_memory_bytes").notNull().default(0),
  heldCpus: real("held_cpus").notNull().default(0),
  lostAt: integer("lost_at"),
  /** Why what it ran is not replaced for now; null where it is. */
  frozen: text("frozen", { mode: "json" }).$type<{ gone: number; of: number }>(),
  epoch: integer("epoch").notNull(),
  lastHeardAt: integer("last_heard_at"),
  at: integer("at").notNull(),
});
export type HostProjection = typeof hostProjections.$inferSelect;
