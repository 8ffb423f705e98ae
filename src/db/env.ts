// Queries of variables. Only sealed values pass here.
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import type { SealedVar } from "./envelope.ts";
import { envIs, insertAudit, runBatch, type Statement } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { envVars } from "./schema/env.ts";
import { workers } from "./schema/workers.ts";

export interface StoredVar extends SealedVar {
  /** ms since the epoch. */
  readonly createdAt: number;
}

/** The variables now in force, by name. */
export async function currentVars(db: Db, workerId: WorkerId): Promise<StoredVar[]> {
  // SQLite takes the other columns from the row that has the maximum.
  const rows = await db.all<{
    name: string;
    version: number;
    iv: string | null;
    ciphertext: string | null;
    created_at: number;
  }>(sql`
    SELECT name, MAX(version) AS version, iv, ciphertext, created_at
    FROM ${envVars} WHERE worker_id = ${workerId} GROUP BY name ORDER BY name`);
  return rows.flatMap((row) =>
    row.iv === null || row.ciphertext === null
      ? []
      : [
          {
            name: row.name,
            version: row.version,
            iv: row.iv,
            ciphertext: row.ciphertext,
            createdAt: row.created_at,
          },
        ],
  );
}

/** A variable to write: sealed, or unset at that version. */
export type VarChange =
  | SealedVar
  | {
      readonly name: string;
      readonly version: number;
      readonly iv: null;
      readonly ciphertext: null;
    };

/** One statement for all of them: the number of bound parameters is limited. */
export function insertVars(
  db: Db,
  input: {
    readonly workerId: WorkerId;
    readonly at: number;
    readonly vars: readonly VarChange[];
    readonly guard: SQL;
  },
): Statement {
  return db.run(sql`
    INSERT INTO ${envVars} (worker_id, name, version, iv, ciphertext, created_at)
    SELECT ${input.workerId}, value ->> 'name', value ->> 'version', value ->> 'iv',
      value ->> 'ciphertext', ${input.at}
    FROM json_each(${JSON.stringify(input.vars)})
    WHERE ${input.guard} ON CONFLICT DO NOTHING`);
}

/** Stores the next version of a worker's variables; false where somebody was faster. */
export async function changeVars(
  db: Db,
  change: {
    readonly workerId: WorkerId;
    readonly from: number;
    readonly at: number;
    readonly vars: readonly VarChange[];
    readonly audit: AuditRow;
  },
): Promise<boolean> {
  const guard = envIs(change.workerId, change.from);
  const results = await runBatch(db, [
    insertVars(db, { ...change, guard }),
    insertAudit(db, change.audit, guard),
    db
      .update(workers)
      .set({ envVersion: change.from + 1 })
      .where(and(eq(workers.id, change.workerId), guard))
      .returning({ id: workers.id }),
  ]);
  return results.at(-1)?.length === 1;
}
