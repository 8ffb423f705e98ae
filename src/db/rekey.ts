// Queries of a change of the master key: whose data keys are still wrapped by another one.
import { and, eq, isNull, lt, or, sql } from "drizzle-orm";
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { type ProjectRow, projects } from "./schema/projects.ts";
import { workers } from "./schema/workers.ts";

/** In random order, so that one that fails never hides the others. */
export async function projectsToWrap(db: Db, mark: string, limit: number): Promise<ProjectRow[]> {
  return db
    .select()
    .from(projects)
    .where(sql`${projects.wrappedBy} IS NOT ${mark}`)
    .orderBy(sql`random()`)
    .limit(limit);
}

/** Does nothing where the key was wrapped anew meanwhile. */
export async function storeWrapped(
  db: Db,
  input: {
    readonly projectId: ProjectId;
    readonly from: string;
    readonly to: string;
    readonly mark: string;
    readonly at: number;
  },
): Promise<void> {
  await db
    .update(projects)
    .set({ wrappedKey: input.to, wrappedBy: input.mark, wrappedAt: input.at })
    .where(and(eq(projects.id, input.projectId), eq(projects.wrappedKey, input.from)));
}

export interface WorkerToTell {
  readonly id: WorkerId;
  readonly wrappedKey: string;
}

/** Living workers whose object holds keys of the master key before, of projects that were wrapped anew before that time. */
export async function workersToTell(
  db: Db,
  wanted: { readonly mark: string; readonly wrappedBefore: number; readonly limit: number },
): Promise<WorkerToTell[]> {
  return db
    .select({ id: workers.id, wrappedKey: projects.wrappedKey })
    .from(workers)
    .innerJoin(projects, eq(projects.id, workers.projectId))
    .where(
      and(
        isNull(workers.deletedAt),
        sql`${workers.wrappedBy} IS NOT ${wanted.mark}`,
        eq(projects.wrappedBy, wanted.mark),
        or(isNull(projects.wrappedAt), lt(projects.wrappedAt, wanted.wrappedBefore)),
      ),
    )
    .orderBy(sql`random()`)
    .limit(wanted.limit);
}

export async function markTold(db: Db, id: WorkerId, mark: string): Promise<void> {
  await db.update(workers).set({ wrappedBy: mark }).where(eq(workers.id, id));
}

/** How many projects and workers are left. */
export async function leftToWrap(db: Db, mark: string): Promise<number> {
  const rows = await db.all<{ n: number }>(sql`
    SELECT (SELECT count(*) FROM ${projects} WHERE wrapped_by IS NOT ${mark})
      + (SELECT count(*) FROM ${workers} WHERE wrapped_by IS NOT ${mark} AND deleted_at IS NULL) AS n`);
  return rows[0]?.n ?? 0;
}
