// Queries of config as code: everything that a plan looks at, and the one batch that carries it out.
//
// 1. All of it lands or nothing: the first statement fails, and the batch with it, where anything moved since it was read.
import { and, eq, isNull, sql } from "drizzle-orm";
import type { GroupId, ProjectId, WorkerId } from "../../protocol/ids.ts";
import type { WorkerSpec } from "../../protocol/spec.ts";
import { type Db, isUniqueViolation } from "./client.ts";
import { insertVars, readVars, type StoredVar, type VarChange } from "./env.ts";
import type { GroupLayer } from "./groups.ts";
import { always, insertAudit, runBatch, type Statement } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { envGroups } from "./schema/groups.ts";
import { workerSpecs, workers } from "./schema/workers.ts";
import { type ListedWorker, type NewWorker, selectListed } from "./workers.ts";

export interface ConfigState {
  /** All living workers of the project, oldest first. */
  readonly workers: readonly ListedWorker[];
  /** Of the named workers. */
  readonly vars: ReadonlyMap<WorkerId, readonly StoredVar[]>;
  readonly groups: readonly GroupLayer[];
}

interface OwnedRow {
  readonly owner: string;
  readonly name: string;
  readonly version: number;
  readonly iv: string | null;
  readonly ciphertext: string | null;
  readonly refers: number;
  readonly plain: number;
  readonly created_at: number;
}

export async function configState(
  db: Db,
  projectId: ProjectId,
  names: readonly string[],
): Promise<ConfigState> {
  const named = sql`SELECT id FROM workers WHERE project_id = ${projectId} AND deleted_at IS NULL
    AND name IN (SELECT value FROM json_each(${JSON.stringify(names)}))`;
  const fields = sql`name, MAX(version) AS version, iv, ciphertext, refers, plain, created_at`;
  const [listed, own, groups, shared] = await Promise.all([
    selectListed(db)
      .where(and(eq(workers.projectId, projectId), isNull(workers.deletedAt)))
      .orderBy(workers.id),
    db.all<OwnedRow>(sql`SELECT worker_id AS owner, ${fields} FROM env_vars
      WHERE worker_id IN (${named}) GROUP BY worker_id, name ORDER BY name`),
    db.select().from(envGroups).where(eq(envGroups.projectId, projectId)),
    db.all<OwnedRow>(sql`SELECT group_id AS owner, ${fields} FROM group_vars
      WHERE group_id IN (SELECT id FROM env_groups WHERE project_id = ${projectId})
      GROUP BY group_id, name ORDER BY name`),
  ]);
  const varsOf = (rows: readonly OwnedRow[], owner: WorkerId | GroupId) =>
    readVars(rows.filter((row) => row.owner === owner));
  return {
    workers: listed,
    vars: new Map(listed.map(({ row }) => [row.id, varsOf(own, row.id)])),
    groups: groups.map(({ id, name, envVersion }) => ({
      ...{ id, name, version: envVersion, vars: varsOf(shared, id) },
    })),
  };
}

export interface ConfigChange {
  readonly workerId: WorkerId;
  /** As they were read. */
  readonly specVersion: number;
  readonly envVersion: number;
  /** Null where it stays. */
  readonly spec: WorkerSpec | null;
  /** Empty where they stay. */
  readonly vars: readonly VarChange[];
  readonly audit: readonly AuditRow[];
}

function createStatements(db: Db, { row, spec, actor, audit, vars }: NewWorker): Statement[] {
  const owner = { kind: "worker", id: row.id } as const;
  return [
    db.insert(workers).values(row),
    db.insert(workerSpecs).values({
      ...{ workerId: row.id, version: 1, spec, actor, createdAt: row.createdAt },
    }),
    insertAudit(db, audit, always),
    ...(vars.length > 0 ? [insertVars(db, { owner, at: row.createdAt, vars, guard: always })] : []),
  ];
}

function changeStatements(
  db: Db,
  change: ConfigChange,
  by: { readonly actor: string; readonly at: number },
): Statement[] {
  const { audit, envVersion, spec, specVersion, vars, workerId } = change;
  const owner = { kind: "worker", id: workerId } as const;
  const version = specVersion + 1;
  return [
    ...(spec
      ? [
          db.insert(workerSpecs).values({
            ...{ workerId, version, spec, actor: by.actor, createdAt: by.at },
          }),
        ]
      : []),
    ...(vars.length > 0 ? [insertVars(db, { owner, at: by.at, vars, guard: always })] : []),
    db
      .update(workers)
      .set({
        ...(spec ? { specVersion: version } : {}),
        envVersion: vars.length > 0 ? envVersion + 1 : envVersion,
      })
      .where(eq(workers.id, workerId)),
    ...audit.map((row) => insertAudit(db, row, always)),
  ];
}

/** Makes the whole batch fail where a worker is not as it was read: malformed JSON is an error, and an error undoes all. */
function assertUnmoved(db: Db, changes: readonly ConfigChange[]): Statement {
  const seen = changes.map(({ workerId, specVersion, envVersion }) => ({
    ...{ id: workerId, spec: specVersion, env: envVersion },
  }));
  return db.run(sql`
    SELECT json(CASE WHEN NOT EXISTS (
      SELECT 1 FROM json_each(${JSON.stringify(seen)}) seen LEFT JOIN ${workers} w
        ON w.id = seen.value ->> 'id' AND w.deleted_at IS NULL
        AND w.spec_version = seen.value ->> 'spec' AND w.env_version = seen.value ->> 'env'
      WHERE w.id IS NULL) THEN '1' ELSE 'moved' END)`);
}

function isMoved(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (/malformed JSON/i.test(at.message)) return true;
  return false;
}

/** False where something was changed since it was read, or a name was taken: then nothing was done. */
export async function storeConfig(
  db: Db,
  input: {
    readonly created: readonly NewWorker[];
    readonly changed: readonly ConfigChange[];
    readonly actor: string;
    readonly at: number;
  },
): Promise<boolean> {
  const statements = [
    ...input.created.flatMap((one) => createStatements(db, one)),
    ...input.changed.flatMap((one) => changeStatements(db, one, input)),
  ];
  if (statements.length === 0) return true;
  try {
    await runBatch(db, [assertUnmoved(db, input.changed), ...statements]);
    return true;
  } catch (error) {
    if (isMoved(error) || isUniqueViolation(error)) return false;
    throw error;
  }
}
