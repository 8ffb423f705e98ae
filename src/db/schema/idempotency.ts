// Idempotency-Keys of creates. The seed makes a repeat create the very same ids; the answer holds no secret.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const idempotency = sqliteTable(
  "idempotency",
  {
    /** The token's id, or `operator`. */
    actor: text("actor").notNull(),
    keyHash: text("key_hash").notNull(),
    /** Keyed digest of method, address and body. */
    fingerprint: text("fingerprint").notNull(),
    /** 32 random bytes, base64. */
    seed: text("seed").notNull(),
    createdAt: integer("created_at").notNull(),
    /** Null while the first try is under way, and always where the answer shows a secret. */
    answer: text("answer", { mode: "json" }).$type<unknown>(),
  },
  (t) => [
    primaryKey({ columns: [t.actor, t.keyHash] }),
    index("idempotency_by_age").on(t.createdAt),
  ],
);
