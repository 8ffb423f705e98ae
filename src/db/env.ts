// Queries of variables, a worker's or a group's. Only sealed values pass here.
import { type SQL, sql } from "drizzle-orm";
import type { GroupId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import type { SealedVar } from "./envelope.ts";
import { envIs, insertAudit, runBatch, type Statement } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";

/** Whose variables. */
export type VarOwner =
  | { readonly kind: "worker"; readonly id: WorkerId }
  | { readonly kind: "group"; readonly id: GroupId };

/** A sealed value, with what may be known of it without opening it. */
export interface FlaggedVar extends SealedVar {
  /** It names other variables. */
  readonly refers: boolean;
  /** It is no secret. */
  readonly plain: boolean;
}

export interface StoredVar extends FlaggedVar {
  /** ms since the epoch. */
  readonly createdAt: number;
}

/** Both tables hold the same, under different names of their owners. */
const TABLES = {
  worker: { vars: sql`env_vars`, owner: sql`worker_id`, owners: sql`workers` },
  group: { vars: sql`group_vars`, owner: sql`group_id`, owners: sql`env_groups` },
} as const;

interface VarRow {
  readonly name: string;
  readonly version: number;
  readonly iv: string | null;
  readonly ciphertext: string | null;
  readonly refers: number;
  readonly plain: number;
  readonly created_at: number;
}

/** Those that have a value. */
export function readVars(rows: readonly VarRow[]): StoredVar[] {
  return rows.flatMap(({ name, version, iv, ciphertext, refers, plain, created_at }) =>
    iv === null || ciphertext === null
      ? []
      : [
          {
            ...{ name, version, iv, ciphertext },
            ...{ refers: refers === 1, plain: plain === 1, createdAt: created_at },
          },
        ],
  );
}

/** The variables now in force, by name; to be run alone or in a batch, and read by `readVars`. */
export function selectVars(db: Db, { id, kind }: VarOwner) {
  const { owner, vars } = TABLES[kind];
  // SQLite takes the other columns from the row that has the maximum.
  return db.all<VarRow>(sql`
    SELECT name, MAX(version) AS version, iv, ciphertext, refers, plain, created_at
    FROM ${vars} WHERE ${owner} = ${id} GROUP BY name ORDER BY name`);
}

export async function currentVars(db: Db, owner: VarOwner): Promise<StoredVar[]> {
  return readVars(await selectVars(db, owner));
}

/** A variable to write: sealed, or unset at that version. */
export type VarChange =
  | FlaggedVar
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
    readonly owner: VarOwner;
    readonly at: number;
    readonly vars: readonly VarChange[];
    readonly guard: SQL;
  },
): Statement {
  const { owner, vars } = TABLES[input.owner.kind];
  return db.run(sql`
    INSERT INTO ${vars} (${owner}, name, version, iv, ciphertext, refers, plain, created_at)
    SELECT ${input.owner.id}, value ->> 'name', value ->> 'version', value ->> 'iv',
      value ->> 'ciphertext', coalesce(value ->> 'refers', 0), coalesce(value ->> 'plain', 0), ${input.at}
    FROM json_each(${JSON.stringify(input.vars)})
    WHERE ${input.guard} ON CONFLICT DO NOTHING`);
}

/** Stores the next version of a set of variables; false where somebody was faster. */
export async function changeVars(
  db: Db,
  change: {
    readonly owner: VarOwner;
    readonly from: number;
    readonly at: number;
    readonly vars: readonly VarChange[];
    readonly audit: AuditRow;
  },
): Promise<boolean> {
  const { from, owner } = change;
  const guard = envIs(owner, from);
  const { owners } = TABLES[owner.kind];
  const results = await runBatch(db, [
    insertVars(db, { ...change, guard }),
    insertAudit(db, change.audit, guard),
    db.run(sql`
      UPDATE ${owners} SET env_version = ${from + 1} WHERE id = ${owner.id} AND ${guard} RETURNING id`),
  ]);
  return results.at(-1)?.length === 1;
}
