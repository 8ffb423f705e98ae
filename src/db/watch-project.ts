// One cheap question: did anything in the lists of a project change? Versions only rise, so their sums tell.
import { sql } from "drizzle-orm";
import type { ProjectId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";

export interface ProjectMarks {
  readonly workers: string;
  readonly hosts: string;
}

/** Another mark than before means another list; reads a row or two for each worker and host. */
export async function projectMarks(db: Db, projectId: ProjectId): Promise<ProjectMarks> {
  const rows = await db.all<ProjectMarks>(sql`
    SELECT
      (SELECT count(*) || '/' || coalesce(max(w.id), '') || '/' || coalesce(sum(w.spec_version), 0)
          || '/' || coalesce(sum(w.env_version), 0)
          || '/' || coalesce(sum(p.version), 0)
        FROM workers w LEFT JOIN worker_projections p ON p.worker_id = w.id
        WHERE w.project_id = ${projectId} AND w.deleted_at IS NULL)
        || '/' || (SELECT count(*) || '/' || coalesce(sum(g.env_version), 0)
          FROM env_groups g WHERE g.project_id = ${projectId}) AS workers,
      (SELECT count(*) || '/' || coalesce(max(h.id), '') || '/' || coalesce(sum(p.version), 0)
        FROM hosts h LEFT JOIN host_projections p ON p.host_id = h.id
        WHERE h.project_id = ${projectId} AND h.removed_at IS NULL) AS hosts`);
  return rows[0] ?? { workers: "", hosts: "" };
}
