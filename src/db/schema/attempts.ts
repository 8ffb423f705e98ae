// How often somebody tried what may be tried only so often.
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const attempts = sqliteTable("attempts", {
  /** Keyed digest of what is tried and by whom. */
  key: text("key").primaryKey(),
  count: integer("count").notNull(),
  /** When counting begins anew. */
  until: integer("until").notNull(),
});
