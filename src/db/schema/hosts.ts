// Hosts that joined a project. What they do now is the HostObject's to know; see the projection.
import { sql } from "drizzle-orm";
import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Capacity, HostFacts } from "../../../protocol/channel.ts";
import type { HostId, ProjectId } from "../../../protocol/ids.ts";
import type { HostLabels } from "../../../protocol/rest.ts";

export const hosts = sqliteTable(
  "hosts",
  {
    id: text("id").$type<HostId>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    name: text("name").notNull(),
    /** ed25519, raw, base64url. */
    publicKey: text("public_key").notNull(),
    /** As told when joining; the projection has what is true now. */
    capacity: text("capacity", { mode: "json" }).$type<Capacity>().notNull(),
    facts: text("facts", { mode: "json" }).$type<HostFacts>().notNull(),
    labels: text("labels", { mode: "json" }).$type<HostLabels>().notNull().default({}),
    region: text("region"),
    joinedAt: integer("joined_at").notNull(),
    /** When the HostObject knew of it; the sweep registers the others. */
    registeredAt: integer("registered_at"),
    /** Counts what its owner wants of it: the HostObject ignores older ones, the sweep repeats what it has not applied. */
    intentVersion: integer("intent_version").notNull().default(0),
    intentApplied: integer("intent_applied").notNull().default(0),
    /** Takes nothing new. */
    cordonedAt: integer("cordoned_at"),
    /** Is being emptied since then, and by then whatever is left there is stopped. */
    drainingAt: integer("draining_at"),
    drainUntil: integer("drain_until"),
    removedAt: integer("removed_at"),
    /** When the HostObject knew of the removal. */
    removalAppliedAt: integer("removal_applied_at"),
  },
  (t) => [uniqueIndex("hosts_by_name").on(t.projectId, t.name).where(sql`removed_at IS NULL`)],
);
export type HostRow = typeof hosts.$inferSelect;
