// Queries of scheduled maintenances. Whether one is under way follows from the time alone.
import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import type { Id, ProjectId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type MaintenanceRow, maintenances } from "./schema/status.ts";

export type { MaintenanceRow } from "./schema/status.ts";

/** A repeat with the same id changes nothing. */
export async function insertMaintenance(
  db: Db,
  row: MaintenanceRow,
  audit: AuditRow,
): Promise<void> {
  const mine = sql`EXISTS (SELECT 1 FROM ${maintenances} WHERE id = ${row.id})`;
  await runBatch(db, [
    db.insert(maintenances).values(row).onConflictDoNothing(),
    insertAudit(db, audit, mine),
  ]);
}

/** Newest first, before the given id; those that were canceled are left out. */
export async function listMaintenances(
  db: Db,
  page: { readonly projectId: ProjectId; readonly before: string | null; readonly limit: number },
): Promise<MaintenanceRow[]> {
  const below = page.before === null ? sql`1` : sql`${maintenances.id} < ${page.before}`;
  return db
    .select()
    .from(maintenances)
    .where(and(eq(maintenances.projectId, page.projectId), isNull(maintenances.canceledAt), below))
    .orderBy(desc(maintenances.id))
    .limit(page.limit);
}

/** False where there is none of that id that could still be canceled: it is over, canceled or somebody else's. */
export async function cancelMaintenance(
  db: Db,
  input: {
    readonly projectId: ProjectId;
    readonly id: string;
    readonly at: number;
    readonly audit: AuditRow;
  },
): Promise<boolean> {
  const mine = and(
    eq(maintenances.id, input.id as Id<"maintenance">),
    eq(maintenances.projectId, input.projectId),
    isNull(maintenances.canceledAt),
    gt(maintenances.endsAt, input.at),
  );
  const results = await runBatch(db, [
    insertAudit(db, input.audit, sql`EXISTS (SELECT 1 FROM ${maintenances} WHERE ${mine})`),
    db
      .update(maintenances)
      .set({ canceledAt: input.at })
      .where(mine)
      .returning({ id: maintenances.id }),
  ]);
  return results.at(-1)?.length === 1;
}
