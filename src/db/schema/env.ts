// Variables of workers: encrypted, one row for each change of each name. The set of version N is, for every
// name, its newest row up to N; a row without ciphertext unsets the name.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { WorkerId } from "../../../protocol/ids.ts";

/** What may be known of a value without opening it. */
export const varFlags = {
  /** It names other variables, `${{NAME}}`. */
  refers: integer("refers", { mode: "boolean" }).notNull().default(false),
  /** It is no secret. */
  plain: integer("plain", { mode: "boolean" }).notNull().default(false),
};

export const envVars = sqliteTable(
  "env_vars",
  {
    workerId: text("worker_id").$type<WorkerId>().notNull(),
    name: text("name").notNull(),
    version: integer("version").notNull(),
    iv: text("iv"),
    ciphertext: text("ciphertext"),
    ...varFlags,
    createdAt: integer("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workerId, t.name, t.version] })],
);
