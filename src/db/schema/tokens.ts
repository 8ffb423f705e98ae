// API tokens and join tokens; of both only the SHA-256 is kept.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { HostId, Id, ProjectId } from "../../../protocol/ids.ts";
import type { Role } from "../../../protocol/rest.ts";

export const tokens = sqliteTable(
  "tokens",
  {
    id: text("id").$type<Id<"token">>().primaryKey(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    name: text("name").notNull(),
    role: text("role").$type<Exclude<Role, "operator">>().notNull(),
    hash: text("hash").notNull().unique(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at"),
    revokedAt: integer("revoked_at"),
    /** The token of whoever approved this one at a sign-in: it ends with that. */
    grantedBy: text("granted_by").$type<Id<"token">>(),
    /** Written at most every ten minutes. */
    lastUsedAt: integer("last_used_at"),
  },
  (t) => [index("tokens_by_project").on(t.projectId, t.id)],
);
export type TokenRow = typeof tokens.$inferSelect;

export const joinTokens = sqliteTable("join_tokens", {
  id: text("id").$type<Id<"joinToken">>().primaryKey(),
  projectId: text("project_id").$type<ProjectId>().notNull(),
  hash: text("hash").notNull().unique(),
  createdBy: text("created_by").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  usedAt: integer("used_at"),
  usedBy: text("used_by").$type<HostId>(),
});
