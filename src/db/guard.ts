// Statements that only take effect where a condition holds, for use inside one D1 batch (a transaction).
// A race between two writers ends here: the loser's rows never appear, and nothing is thrown.
import { type SQL, sql } from "drizzle-orm";
import type { WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import type { AuditRow } from "./schema/audit.ts";
import { audit } from "./schema/audit.ts";
import { envGroups } from "./schema/groups.ts";
import { workers } from "./schema/workers.ts";

/** A builder of drizzle, or `db.run(sql…)`. */
export type Statement =
  | { readonly toSQL: () => { readonly sql: string; readonly params: unknown[] } }
  | { readonly getQuery: () => { readonly sql: string; readonly params: unknown[] } };

/**
 * Runs all statements in one transaction; gives the rows of each that returns some. drizzle's own batch cannot
 * bind the parameters of raw statements.
 */
export async function runBatch(db: Db, statements: readonly Statement[]): Promise<unknown[][]> {
  const bound = statements.map((statement) => {
    const query = "toSQL" in statement ? statement.toSQL() : statement.getQuery();
    return db.$client.prepare(query.sql).bind(...query.params);
  });
  return (await db.$client.batch(bound)).map(({ results }) => results);
}

/** Holds while the worker lives and has that spec version. */
export function specIs(workerId: WorkerId, version: number): SQL {
  return sql`EXISTS (SELECT 1 FROM ${workers} WHERE id = ${workerId} AND deleted_at IS NULL AND spec_version = ${version})`;
}

/** Holds while the worker or group is there and has that version of its variables. */
export function envIs(
  { id, kind }: { readonly kind: "worker" | "group"; readonly id: string },
  version: number,
): SQL {
  return kind === "worker"
    ? sql`EXISTS (SELECT 1 FROM ${workers} WHERE id = ${id} AND deleted_at IS NULL AND env_version = ${version})`
    : sql`EXISTS (SELECT 1 FROM ${envGroups} WHERE id = ${id} AND env_version = ${version})`;
}

/** For rows that come with an insert that cannot lose a race. */
export const always: SQL = sql`1`;

export function insertAudit(db: Db, row: AuditRow, guard: SQL): Statement {
  return db.run(sql`
    INSERT INTO ${audit} (id, project_id, at, actor, action, target, detail, request_id)
    SELECT ${row.id}, ${row.projectId}, ${row.at}, ${row.actor}, ${row.action}, ${row.target},
      ${JSON.stringify(row.detail)}, ${row.requestId}
    WHERE ${guard} ON CONFLICT DO NOTHING`);
}
