// Queries of counted attempts.
import { and, eq, gt, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { attempts } from "./schema/attempts.ts";

/** How many were counted in the window that is open. */
export async function countAttempts(db: Db, key: string, now: number): Promise<number> {
  const rows = await db
    .select({ count: attempts.count })
    .from(attempts)
    .where(and(eq(attempts.key, key), gt(attempts.until, now)));
  return rows[0]?.count ?? 0;
}

/** Counts one more, and gives the sum with it; the first one opens a window. */
export async function addAttempt(
  db: Db,
  input: { readonly key: string; readonly now: number; readonly windowMs: number },
): Promise<number> {
  const { key, now, windowMs } = input;
  const rows = await db
    .insert(attempts)
    .values({ key, count: 1, until: now + windowMs })
    .onConflictDoUpdate({
      target: attempts.key,
      set: {
        count: sql`CASE WHEN ${attempts.until} > ${now} THEN ${attempts.count} + 1 ELSE 1 END`,
        until: sql`CASE WHEN ${attempts.until} > ${now} THEN ${attempts.until} ELSE ${now + windowMs} END`,
      },
    })
    .returning({ count: attempts.count });
  return rows[0]?.count ?? 1;
}
