// Queries of groups of variables, and of whole sets: a worker's own variables with those of its groups.
import { and, asc, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import { type GroupId, isId, type ProjectId, type WorkerId } from "../../protocol/ids.ts";
import type { GroupVersion } from "../../protocol/live-env.ts";
import type { Db } from "./client.ts";
import { type FlaggedVar, insertVars, readVars, type StoredVar, selectVars } from "./env.ts";
import { insertAudit, runBatch, type Statement } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { envGroups, type GroupRow, groupVars } from "./schema/groups.ts";
import { workerSpecs, workers } from "./schema/workers.ts";
import { type ListedWorker, selectListed } from "./workers.ts";

export type { GroupRow } from "./schema/groups.ts";

export async function groupByRef(
  db: Db,
  projectId: ProjectId,
  ref: string,
): Promise<GroupRow | null> {
  const byRef = isId("group", ref) ? eq(envGroups.id, ref) : eq(envGroups.name, ref);
  const rows = await db
    .select()
    .from(envGroups)
    .where(and(eq(envGroups.projectId, projectId), byRef));
  return rows[0] ?? null;
}

/** Groups of a project in order of creation, after the given id. */
export async function listGroups(
  db: Db,
  page: { readonly projectId: ProjectId; readonly after: string | null; readonly limit: number },
): Promise<GroupRow[]> {
  return db
    .select()
    .from(envGroups)
    .where(
      and(eq(envGroups.projectId, page.projectId), gt(envGroups.id, (page.after ?? "") as GroupId)),
    )
    .orderBy(asc(envGroups.id))
    .limit(page.limit);
}

const names = (name: SQL | string) =>
  sql`EXISTS (SELECT 1 FROM json_each(${workerSpecs.spec}, '$.groups') named WHERE named.value = ${name})`;

/** The living workers whose spec names that group, in order of creation. */
export async function workersNaming(db: Db, group: GroupRow): Promise<ListedWorker[]> {
  return selectListed(db)
    .where(
      and(eq(workers.projectId, group.projectId), isNull(workers.deletedAt), names(group.name)),
    )
    .orderBy(asc(workers.id));
}

/** False where another group has the name. A repeat with the same id is true again. */
export async function insertGroup(
  db: Db,
  input: {
    readonly row: GroupRow;
    readonly vars: readonly FlaggedVar[];
    readonly audit: AuditRow;
  },
): Promise<boolean> {
  const { row, vars } = input;
  const guard = sql`EXISTS (SELECT 1 FROM ${envGroups} WHERE id = ${row.id})`;
  const owner = { kind: "group", id: row.id } as const;
  const results = await runBatch(db, [
    db.insert(envGroups).values(row).onConflictDoNothing(),
    insertAudit(db, input.audit, guard),
    ...(vars.length > 0 ? [insertVars(db, { owner, at: row.createdAt, vars, guard })] : []),
    db.select({ id: envGroups.id }).from(envGroups).where(eq(envGroups.id, row.id)),
  ]);
  return results.at(-1)?.length === 1;
}

/** False where a living worker names it, or it is gone already. */
export async function deleteGroup(db: Db, group: GroupRow, audit: AuditRow): Promise<boolean> {
  const unused = sql`NOT EXISTS (
    SELECT 1 FROM ${workers} JOIN ${workerSpecs}
      ON ${workerSpecs.workerId} = ${workers.id} AND ${workerSpecs.version} = ${workers.specVersion}
    WHERE ${workers.projectId} = ${group.projectId} AND ${workers.deletedAt} IS NULL AND ${names(group.name)})`;
  const guard = sql`EXISTS (SELECT 1 FROM ${envGroups} WHERE id = ${group.id}) AND ${unused}`;
  const results = await runBatch(db, [
    insertAudit(db, audit, guard),
    db.delete(groupVars).where(and(eq(groupVars.groupId, group.id), guard)),
    db
      .delete(envGroups)
      .where(and(eq(envGroups.id, group.id), guard))
      .returning({ id: envGroups.id }),
  ]);
  return results.at(-1)?.length === 1;
}

export interface GroupLayer extends GroupVersion {
  readonly name: string;
  readonly vars: readonly StoredVar[];
}

export interface Layers {
  readonly own: readonly StoredVar[];
  /** In the order asked for; a name that no group has is left out. */
  readonly groups: readonly GroupLayer[];
}

type Rows<T> = Awaited<T>;

/** What a worker with those groups gets its variables from, as of one moment. */
export async function envLayers(
  db: Db,
  wanted: {
    readonly projectId: ProjectId;
    readonly workerId: WorkerId;
    readonly groups: readonly string[];
  },
): Promise<Layers> {
  const own = selectVars(db, { kind: "worker", id: wanted.workerId });
  if (wanted.groups.length === 0) return { own: readVars(await own), groups: [] };
  const here = sql`${envGroups.projectId} = ${wanted.projectId}
    AND ${envGroups.name} IN (SELECT value FROM json_each(${JSON.stringify(wanted.groups)}))`;
  const shared = db.all<Rows<typeof own>[number] & { readonly group_id: GroupId }>(sql`
    SELECT group_id, name, MAX(version) AS version, iv, ciphertext, refers, plain, created_at
    FROM ${groupVars} WHERE group_id IN (SELECT id FROM ${envGroups} WHERE ${here})
    GROUP BY group_id, name ORDER BY name`);
  const found = db
    .select({ id: envGroups.id, name: envGroups.name, version: envGroups.envVersion })
    .from(envGroups)
    .where(here);
  const [ownRows, sharedRows, groupRows] = (await runBatch(db, [
    own,
    shared,
    found,
  ] as Statement[])) as [
    Rows<typeof own>,
    Rows<typeof shared>,
    { readonly id: GroupId; readonly name: string; readonly env_version: number }[],
  ];
  const byName = new Map(groupRows.map((row) => [row.name, row]));
  return {
    own: readVars(ownRows),
    groups: wanted.groups.flatMap((name) => {
      const row = byName.get(name);
      if (!row) return [];
      const vars = readVars(sharedRows.filter(({ group_id }) => group_id === row.id));
      return [{ id: row.id, name, version: row.env_version, vars }];
    }),
  };
}
