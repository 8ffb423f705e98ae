// Who changed what, and when. Written in the same batch as the change itself.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Id, ProjectId } from "../../../protocol/ids.ts";

export const audit = sqliteTable(
  "audit",
  {
    id: text("id").$type<Id<"audit">>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    at: integer("at").notNull(),
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    /** The id of what was changed. */
    target: text("target").notNull(),
    /** Names and numbers only, never a value of a variable. */
    detail: text("detail", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    requestId: text("request_id").notNull(),
  },
  (t) => [index("audit_by_project").on(t.projectId, t.id)],
);
export type AuditRow = typeof audit.$inferInsert;
