// Hooks: addresses that deploy a worker when something was pushed. Their secrets are sealed like variables.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { HookId, ProjectId, WorkerId } from "../../../protocol/ids.ts";
import type { HookKind } from "../../../protocol/rest.ts";

export const hooks = sqliteTable(
  "hooks",
  {
    id: text("id").$type<HookId>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    workerId: text("worker_id").$type<WorkerId>().notNull(),
    kind: text("kind").$type<HookKind>().notNull(),
    /** Rises when the secret is another one; part of what the secret is sealed for. */
    secretVersion: integer("secret_version").notNull(),
    iv: text("iv").notNull(),
    ciphertext: text("ciphertext").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at").notNull(),
    /** The last call whose signature was right. */
    lastUsedAt: integer("last_used_at"),
    /** What came of it, for people. */
    lastOutcome: text("last_outcome"),
  },
  (t) => [index("hooks_by_worker").on(t.workerId, t.id)],
);
export type HookRow = typeof hooks.$inferSelect;
