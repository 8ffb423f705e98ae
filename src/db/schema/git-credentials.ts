// What opens the private repositories of workers: sealed like variables, one for each worker.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { WorkerId } from "../../../protocol/ids.ts";

export const gitCredentials = sqliteTable("git_credentials", {
  workerId: text("worker_id").$type<WorkerId>().primaryKey(),
  /** Part of what the ciphertext is bound to. */
  version: integer("version").notNull(),
  /** Where it may be shown: `repoOrigin` of the repository that it was set for. Part of what the ciphertext is bound to. */
  origin: text("origin").notNull().default(""),
  kind: text("kind").$type<"token" | "ssh_key">().notNull(),
  iv: text("iv").notNull(),
  ciphertext: text("ciphertext").notNull(),
  updatedAt: integer("updated_at").notNull(),
});
export type GitCredentialRow = typeof gitCredentials.$inferSelect;
