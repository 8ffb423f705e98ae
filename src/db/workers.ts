// Queries of workers and of their specs. A spec version, its audit row and variables land in one batch.
import { and, asc, eq, gt, isNull, lt, type SQL, sql } from "drizzle-orm";
import { isId, type ProjectId, type WorkerId } from "../../protocol/ids.ts";
import type { GroupVersion } from "../../protocol/live-env.ts";
import type { WorkerSpec } from "../../protocol/spec.ts";
import { type Db, isUniqueViolation } from "./client.ts";
import { type FlaggedVar, insertVars } from "./env.ts";
import { insertAudit, runBatch, type Statement, specIs } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { envVars } from "./schema/env.ts";
import { envGroups } from "./schema/groups.ts";
import { hooks } from "./schema/hooks.ts";
import { type WorkerProjection, workerProjections } from "./schema/projections.ts";
import { type ProjectRow, projects } from "./schema/projects.ts";
import { type WorkerRow, workerSpecs, workers } from "./schema/workers.ts";

export type { WorkerRow } from "./schema/workers.ts";

/** A worker with the newest version of its spec. */
export interface StoredWorker {
  readonly row: WorkerRow;
  readonly spec: WorkerSpec;
  /** The groups that its spec names, as they are now and in that order. */
  readonly groups: readonly GroupVersion[];
}

/** The groups of a spec as `[[id, version], …]`. */
const groupsNow = sql<string>`(
  SELECT json_group_array(json_array(id, env_version)) FROM (
    SELECT ${envGroups.id} AS id, ${envGroups.envVersion} AS env_version
    FROM json_each(${workerSpecs.spec}, '$.groups') named
    JOIN ${envGroups} ON ${envGroups.projectId} = ${workers.projectId} AND ${envGroups.name} = named.value
    ORDER BY named.key))`.mapWith((text: string): GroupVersion[] =>
  (JSON.parse(text) as [GroupVersion["id"], number][]).map(([id, version]) => ({ id, version })),
);

const stored = { row: workers, spec: workerSpecs.spec, groups: groupsNow };

const newestSpec = and(
  eq(workerSpecs.workerId, workers.id),
  eq(workerSpecs.version, workers.specVersion),
);

const byRef = (ref: string): SQL | undefined =>
  isId("worker", ref) ? eq(workers.id, ref) : eq(workers.name, ref);

/** Finds a living worker of a project, both by name or id; to be run alone or in a batch. */
export function selectWorker(db: Db, projectRef: string, ref: string) {
  return db
    .select(stored)
    .from(workers)
    .innerJoin(projects, eq(projects.id, workers.projectId))
    .innerJoin(workerSpecs, newestSpec)
    .where(
      and(
        isId("project", projectRef) ? eq(projects.id, projectRef) : eq(projects.name, projectRef),
        byRef(ref),
        isNull(workers.deletedAt),
      ),
    )
    .limit(1);
}

export async function workerById(db: Db, id: WorkerId): Promise<StoredWorker | null> {
  const rows = await db
    .select(stored)
    .from(workers)
    .innerJoin(workerSpecs, newestSpec)
    .where(eq(workers.id, id));
  return rows[0] ?? null;
}

/** Ids of a project's workers but for the deleted ones. */
export async function livingWorkers(db: Db, projectId: ProjectId): Promise<WorkerId[]> {
  const rows = await db
    .select({ id: workers.id })
    .from(workers)
    .where(and(eq(workers.projectId, projectId), isNull(workers.deletedAt)));
  return rows.map(({ id }) => id);
}

/** Those of them that belong to the project and were deleted. */
export async function deletedWorkers(
  db: Db,
  projectId: ProjectId,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await db.all<{ id: string }>(sql`
    SELECT id FROM ${workers}
    WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))
      AND project_id = ${projectId} AND deleted_at IS NOT NULL`);
  return rows.map(({ id }) => id);
}

export async function workerProjection(db: Db, id: WorkerId): Promise<WorkerProjection | null> {
  const rows = await db.select().from(workerProjections).where(eq(workerProjections.workerId, id));
  return rows[0] ?? null;
}

export interface ListedWorker extends StoredWorker {
  readonly projection: WorkerProjection | null;
}

/** Workers with what their objects told last; which of them is for the caller to say. */
export function selectListed(db: Db) {
  return db
    .select({ ...stored, projection: workerProjections })
    .from(workers)
    .innerJoin(workerSpecs, newestSpec)
    .leftJoin(workerProjections, eq(workerProjections.workerId, workers.id));
}

/** Living workers of a project in order of creation, after the given id. */
export async function listWorkers(
  db: Db,
  page: { readonly projectId: ProjectId; readonly after: string | null; readonly limit: number },
): Promise<ListedWorker[]> {
  return selectListed(db)
    .where(
      and(
        eq(workers.projectId, page.projectId),
        isNull(workers.deletedAt),
        gt(workers.id, (page.after ?? "") as WorkerId),
      ),
    )
    .orderBy(asc(workers.id))
    .limit(page.limit);
}

/** Of these the ones in the project, by name; deleted ones too, whose programs may still be stopping. */
export async function workerNames(
  db: Db,
  projectId: ProjectId,
  ids: readonly WorkerId[],
): Promise<{ readonly id: WorkerId; readonly name: string }[]> {
  // As one value: a statement of D1 takes a hundred.
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  return db
    .select({ id: workers.id, name: workers.name })
    .from(workers)
    .where(and(eq(workers.projectId, projectId), sql`${workers.id} IN ${wanted}`))
    .orderBy(asc(workers.name));
}

export interface NewWorker extends Omit<StoredWorker, "groups"> {
  readonly actor: string;
  readonly vars: readonly FlaggedVar[];
  readonly audit: AuditRow;
}

/** False where another worker has the name. A repeat with the same id is true again. */
export async function insertWorker(db: Db, input: NewWorker): Promise<boolean> {
  const { row, spec } = input;
  const mine = sql`EXISTS (SELECT 1 FROM ${workers} WHERE id = ${row.id})`;
  const found = db.select({ id: workers.id }).from(workers).where(eq(workers.id, row.id));
  const statements: Statement[] = [
    db.insert(workers).values(row).onConflictDoNothing(),
    db.run(sql`
      INSERT INTO ${workerSpecs} (worker_id, version, spec, actor, created_at)
      SELECT ${row.id}, 1, ${JSON.stringify(spec)}, ${input.actor}, ${row.createdAt}
      WHERE ${mine} ON CONFLICT DO NOTHING`),
    insertAudit(db, input.audit, mine),
    ...(input.vars.length > 0
      ? [
          insertVars(db, {
            owner: { kind: "worker", id: row.id },
            at: row.createdAt,
            vars: input.vars,
            guard: mine,
          }),
        ]
      : []),
    found,
  ];
  const results = await runBatch(db, statements);
  return results.at(-1)?.length === 1;
}

export interface SpecChange {
  readonly workerId: WorkerId;
  /** The version that the new spec was made from. */
  readonly from: number;
  readonly spec: WorkerSpec;
  readonly actor: string;
  readonly at: number;
  readonly audit: AuditRow;
}

/** Stores the next version of a spec, unless somebody was faster (`stale`) or the name is another's. */
export async function changeSpec(
  db: Db,
  change: SpecChange,
): Promise<"changed" | "stale" | "name_taken"> {
  const guard = specIs(change.workerId, change.from);
  const gone = change.spec.wanted === "deleted";
  const statements: Statement[] = [
    db.run(sql`
      INSERT INTO ${workerSpecs} (worker_id, version, spec, actor, created_at)
      SELECT ${change.workerId}, ${change.from + 1}, ${JSON.stringify(change.spec)}, ${change.actor}, ${change.at}
      WHERE ${guard}`),
    insertAudit(db, change.audit, guard),
    // A deleted worker starts nothing any more, so its secrets go with it.
    ...(gone
      ? [
          db.delete(envVars).where(and(eq(envVars.workerId, change.workerId), guard)),
          db.delete(hooks).where(and(eq(hooks.workerId, change.workerId), guard)),
        ]
      : []),
    db
      .update(workers)
      .set({
        name: change.spec.name,
        specVersion: change.from + 1,
        ...(gone ? { deletedAt: change.at } : {}),
      })
      .where(and(eq(workers.id, change.workerId), guard))
      .returning({ id: workers.id }),
  ];
  try {
    const results = await runBatch(db, statements);
    return results.at(-1)?.length === 1 ? "changed" : "stale";
  } catch (error) {
    if (isUniqueViolation(error)) return "name_taken";
    throw error;
  }
}

export interface UnappliedWorker extends StoredWorker {
  readonly project: ProjectRow;
}

/** Workers whose object may not know their newest spec, in random order so that one that fails never hides the others. */
export async function unappliedWorkers(db: Db, limit: number): Promise<UnappliedWorker[]> {
  return db
    .select({ ...stored, project: projects })
    .from(workers)
    .innerJoin(projects, eq(projects.id, workers.projectId))
    .innerJoin(workerSpecs, newestSpec)
    .where(lt(workers.appliedVersion, workers.specVersion))
    .orderBy(sql`random()`)
    .limit(limit);
}
