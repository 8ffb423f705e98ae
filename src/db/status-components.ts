// Queries of what owners made public.
import { and, eq, inArray, isNull } from "drizzle-orm";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { always, insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type StatusComponent, statusComponents, workerLedgers } from "./schema/status.ts";
import { workers } from "./schema/workers.ts";

export type { StatusComponent } from "./schema/status.ts";

export async function componentOf(db: Db, workerId: WorkerId): Promise<StatusComponent | null> {
  const mine = eq(statusComponents.workerId, workerId);
  return (await db.select().from(statusComponents).where(mine))[0] ?? null;
}

export async function writeComponent(db: Db, row: StatusComponent, audit: AuditRow): Promise<void> {
  const { workerId: _, createdAt: __, ...set } = row;
  await runBatch(db, [
    db
      .insert(statusComponents)
      .values(row)
      .onConflictDoUpdate({ target: statusComponents.workerId, set }),
    insertAudit(db, audit, always),
  ]);
}

/** The public workers of a project, with the name that each has inside and how it is. */
export async function publicWorkers(db: Db, projectId: ProjectId) {
  return db
    .select({
      id: workers.id,
      worker: workers.name,
      name: statusComponents.name,
      kind: workerLedgers.kind,
    })
    .from(statusComponents)
    .innerJoin(workers, eq(workers.id, statusComponents.workerId))
    .leftJoin(workerLedgers, eq(workerLedgers.workerId, workers.id))
    .where(
      and(
        eq(statusComponents.projectId, projectId),
        eq(statusComponents.public, true),
        isNull(workers.deletedAt),
      ),
    );
}

/** How those workers are, as their ledgers told last. */
export async function kindsOf(db: Db, ids: readonly WorkerId[]) {
  if (ids.length === 0) return [];
  return db
    .select({ id: workerLedgers.workerId, kind: workerLedgers.kind })
    .from(workerLedgers)
    .where(inArray(workerLedgers.workerId, [...ids]));
}
