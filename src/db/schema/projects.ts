// Projects: the tenants. Each holds its own data key, wrapped by the master key.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ProjectId } from "../../../protocol/ids.ts";

export const projects = sqliteTable("projects", {
  id: text("id").$type<ProjectId>().primaryKey(),
  name: text("name").notNull().unique(),
  /** base64 of iv and ciphertext. */
  wrappedKey: text("wrapped_key").notNull(),
  /** Which master key wrapped it, by its mark; null where that was not noted. */
  wrappedBy: text("wrapped_by"),
  /** When it was wrapped anew; null for the first time. */
  wrappedAt: integer("wrapped_at"),
  /** ms since the epoch, like every `_at` here. */
  createdAt: integer("created_at").notNull(),
});
export type ProjectRow = typeof projects.$inferSelect;
