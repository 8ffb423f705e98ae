// Queries of hooks.
import { and, asc, eq, isNull } from "drizzle-orm";
import type { HookId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { always, insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type HookRow, hooks } from "./schema/hooks.ts";
import { type ProjectRow, projects } from "./schema/projects.ts";
import { workers } from "./schema/workers.ts";

export type { HookRow } from "./schema/hooks.ts";

export async function listHooks(db: Db, workerId: WorkerId): Promise<HookRow[]> {
  return db.select().from(hooks).where(eq(hooks.workerId, workerId)).orderBy(asc(hooks.id));
}

export async function hookOf(db: Db, workerId: WorkerId, id: string): Promise<HookRow | null> {
  const mine = and(eq(hooks.id, id as HookId), eq(hooks.workerId, workerId));
  return (await db.select().from(hooks).where(mine))[0] ?? null;
}

export interface FoundHook {
  readonly hook: HookRow;
  readonly project: ProjectRow;
}

/** A hook of a living worker, by its id alone: whoever calls it has nothing else to show. */
export async function hookById(db: Db, id: string): Promise<FoundHook | null> {
  const rows = await db
    .select({ hook: hooks, project: projects })
    .from(hooks)
    .innerJoin(projects, eq(projects.id, hooks.projectId))
    .innerJoin(workers, and(eq(workers.id, hooks.workerId), isNull(workers.deletedAt)))
    .where(eq(hooks.id, id as HookId));
  return rows[0] ?? null;
}

export async function insertHook(db: Db, row: HookRow, audit: AuditRow): Promise<void> {
  await runBatch(db, [
    db.insert(hooks).values(row).onConflictDoNothing(),
    insertAudit(db, audit, always),
  ]);
}

/** False where the hook is gone, or somebody gave it another secret meanwhile. */
export async function replaceSecret(
  db: Db,
  hook: HookRow,
  sealed: Pick<HookRow, "iv" | "ciphertext">,
  audit: AuditRow,
): Promise<boolean> {
  const same = and(eq(hooks.id, hook.id), eq(hooks.secretVersion, hook.secretVersion));
  const [changed] = await runBatch(db, [
    db
      .update(hooks)
      .set({ ...sealed, secretVersion: hook.secretVersion + 1 })
      .where(same)
      .returning({ id: hooks.id }),
    insertAudit(db, audit, always),
  ]);
  return changed?.length === 1;
}

export async function deleteHook(db: Db, id: HookId, audit: AuditRow): Promise<boolean> {
  const [gone] = await runBatch(db, [
    db.delete(hooks).where(eq(hooks.id, id)).returning({ id: hooks.id }),
    insertAudit(db, audit, always),
  ]);
  return gone?.length === 1;
}

export async function noteUse(
  db: Db,
  id: HookId,
  use: { readonly at: number; readonly outcome: string },
): Promise<void> {
  await db
    .update(hooks)
    .set({ lastUsedAt: use.at, lastOutcome: use.outcome })
    .where(eq(hooks.id, id));
}
