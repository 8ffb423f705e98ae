// Queries of Idempotency-Keys: claim one, keep its answer, forget old ones.
import { and, eq, lt, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { idempotency } from "./schema/idempotency.ts";

export type IdempotencyRow = typeof idempotency.$inferSelect;

/** Claims the key, or finds who did: the stored row tells by its seed. */
export async function claimKey(
  db: Db,
  row: Omit<IdempotencyRow, "answer">,
): Promise<IdempotencyRow> {
  const [, found] = await db.batch([
    db.insert(idempotency).values(row).onConflictDoNothing(),
    db
      .select()
      .from(idempotency)
      .where(and(eq(idempotency.actor, row.actor), eq(idempotency.keyHash, row.keyHash))),
  ]);
  return found[0]!;
}

/** Keeps the first answer and gives back the one that was kept. */
export async function keepAnswer(
  db: Db,
  key: Pick<IdempotencyRow, "actor" | "keyHash">,
  answer: unknown,
): Promise<unknown> {
  const rows = await db
    .update(idempotency)
    .set({ answer: sql`coalesce(answer, ${JSON.stringify(answer)})` })
    .where(and(eq(idempotency.actor, key.actor), eq(idempotency.keyHash, key.keyHash)))
    .returning({ answer: idempotency.answer });
  return rows[0]?.answer ?? answer;
}

export async function forgetKeys(db: Db, olderThan: number, limit: number): Promise<void> {
  await db.run(sql`
    DELETE FROM ${idempotency} WHERE rowid IN (
      SELECT rowid FROM ${idempotency} WHERE ${lt(idempotency.createdAt, olderThan)} LIMIT ${limit})`);
}

/** One cheap read: is D1 there? */
export async function ping(db: Db): Promise<void> {
  await db.$client.prepare("SELECT 1").first();
}
