// Browser sessions and the links that begin them; of both secrets only the SHA-256 is kept.
// Whose end ends a session too: the token that it hangs on, or the operator's secret, of which a mark is kept.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Id, ProjectId } from "../../../protocol/ids.ts";
import type { Role } from "../../../protocol/rest.ts";

const rights = {
  /** Null for the operator. */
  projectId: text("project_id").$type<ProjectId>(),
  role: text("role").$type<Role>().notNull(),
  name: text("name").notNull(),
  tokenId: text("token_id").$type<Id<"token">>(),
  operatorMark: text("operator_mark"),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
};

export const sessions = sqliteTable("sessions", {
  hash: text("hash").primaryKey(),
  id: text("id").$type<Id<"session">>().notNull(),
  ...rights,
});
export type SessionRow = typeof sessions.$inferSelect;

export const signInCodes = sqliteTable("sign_in_codes", {
  hash: text("hash").primaryKey(),
  ...rights,
  /** The session that it began. */
  usedBy: text("used_by").$type<Id<"session">>(),
});
export type SignInCodeRow = typeof signInCodes.$inferSelect;
