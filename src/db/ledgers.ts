// What the objects' ledgers told. A row lands only where its version is newer, so that late writers lose.
import { lt, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { type WorkerLedger, workerLedgers } from "./schema/status.ts";

export async function writeLedger(db: Db, row: WorkerLedger): Promise<void> {
  const { workerId: _, ...set } = row;
  await db
    .insert(workerLedgers)
    .values(row)
    .onConflictDoUpdate({
      target: workerLedgers.workerId,
      set,
      setWhere: lt(workerLedgers.version, sql`excluded.version`),
    });
}
