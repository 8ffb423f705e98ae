// Queries of projects.
import { asc, eq, gt, sql } from "drizzle-orm";
import { isId, type ProjectId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type ProjectRow, projects } from "./schema/projects.ts";

export type { ProjectRow } from "./schema/projects.ts";

/** Finds a project by name or id; to be run alone or in a batch. */
export function selectProject(db: Db, ref: string) {
  return db
    .select()
    .from(projects)
    .where(isId("project", ref) ? eq(projects.id, ref) : eq(projects.name, ref))
    .limit(1);
}

/** Projects in order of creation, after the given id. */
export async function listProjects(
  db: Db,
  page: { readonly after: string | null; readonly limit: number; readonly only: ProjectId | null },
): Promise<ProjectRow[]> {
  if (page.only) return db.select().from(projects).where(eq(projects.id, page.only));
  return db
    .select()
    .from(projects)
    .where(gt(projects.id, (page.after ?? "") as ProjectId))
    .orderBy(asc(projects.id))
    .limit(page.limit);
}

/** False where the name belongs to another project. A repeat with the same id is true again. */
export async function insertProject(db: Db, row: ProjectRow, audit: AuditRow): Promise<boolean> {
  const mine = sql`EXISTS (SELECT 1 FROM ${projects} WHERE id = ${row.id})`;
  const [, , found] = await runBatch(db, [
    db.insert(projects).values(row).onConflictDoNothing(),
    insertAudit(db, audit, mine),
    db.select({ id: projects.id }).from(projects).where(eq(projects.id, row.id)),
  ]);
  return found?.length === 1;
}
