// Queries of hosts and of the tokens by which they join.
import { and, asc, eq, gt, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { type HostId, type Id, isId, type ProjectId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { always, insertAudit, runBatch } from "./guard.ts";
import type { AuditRow } from "./schema/audit.ts";
import { type HostRow, hosts } from "./schema/hosts.ts";
import { type HostProjection, hostProjections } from "./schema/projections.ts";
import { projects } from "./schema/projects.ts";
import { joinTokens } from "./schema/tokens.ts";

export type { HostRow } from "./schema/hosts.ts";

export interface ListedHost {
  readonly row: HostRow;
  readonly projection: HostProjection | null;
}

function selectHosts(db: Db, where: SQL | undefined, limit: number) {
  return db
    .select({ row: hosts, projection: hostProjections })
    .from(hosts)
    .leftJoin(hostProjections, eq(hostProjections.hostId, hosts.id))
    .where(where)
    .orderBy(asc(hosts.id))
    .limit(limit);
}

/** Hosts of a project that were not removed, in order of joining, after the given id. */
export async function listHosts(
  db: Db,
  page: { readonly projectId: ProjectId; readonly after: string | null; readonly limit: number },
): Promise<ListedHost[]> {
  const mine = and(
    eq(hosts.projectId, page.projectId),
    isNull(hosts.removedAt),
    gt(hosts.id, (page.after ?? "") as HostId),
  );
  return selectHosts(db, mine, page.limit);
}

/** Hosts of a project that were not removed, a thousand at most. */
export async function projectHostIds(db: Db, projectId: ProjectId): Promise<HostId[]> {
  const rows = await db
    .select({ id: hosts.id })
    .from(hosts)
    .where(and(eq(hosts.projectId, projectId), isNull(hosts.removedAt)))
    .limit(1_000);
  return rows.map(({ id }) => id);
}

/** Lost hosts of a project whose instances are not replaced, as last told. */
export async function frozenHosts(
  db: Db,
  projectId: ProjectId,
): Promise<{ readonly id: HostId; readonly name: string }[]> {
  return db
    .select({ id: hosts.id, name: hosts.name })
    .from(hosts)
    .innerJoin(hostProjections, eq(hostProjections.hostId, hosts.id))
    .where(
      and(
        eq(hosts.projectId, projectId),
        isNull(hosts.removedAt),
        isNotNull(hostProjections.frozen),
      ),
    )
    .limit(1_000);
}

export async function recordThaw(db: Db, audit: AuditRow): Promise<void> {
  await runBatch(db, [insertAudit(db, audit, always)]);
}

/** Some hosts of a project that were online when last heard of. */
export async function onlineHosts(db: Db, projectId: ProjectId, limit: number): Promise<HostId[]> {
  const rows = await db
    .select({ id: hosts.id })
    .from(hosts)
    .innerJoin(hostProjections, eq(hostProjections.hostId, hosts.id))
    .where(
      and(
        eq(hosts.projectId, projectId),
        isNull(hosts.removedAt),
        eq(hostProjections.status, "online"),
      ),
    )
    .orderBy(sql`random()`)
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** A host by name or id, unless it was removed. */
export async function hostByRef(
  db: Db,
  projectId: ProjectId,
  ref: string,
): Promise<ListedHost | null> {
  const mine = and(
    eq(hosts.projectId, projectId),
    isNull(hosts.removedAt),
    isId("host", ref) ? eq(hosts.id, ref) : eq(hosts.name, ref),
  );
  return (await selectHosts(db, mine, 1))[0] ?? null;
}

/** False where it was removed before. */
export async function markRemoved(
  db: Db,
  input: { readonly hostId: HostId; readonly at: number; readonly audit: AuditRow },
): Promise<boolean> {
  const mine = and(eq(hosts.id, input.hostId), isNull(hosts.removedAt));
  const results = await runBatch(db, [
    insertAudit(db, input.audit, sql`EXISTS (SELECT 1 FROM ${hosts} WHERE ${mine})`),
    db.update(hosts).set({ removedAt: input.at }).where(mine).returning({ id: hosts.id }),
  ]);
  return results.at(-1)?.length === 1;
}

/** The HostObject knows of the host. */
export async function markRegistered(db: Db, hostId: HostId, at: number): Promise<void> {
  await db
    .update(hosts)
    .set({ registeredAt: at })
    .where(and(eq(hosts.id, hostId), isNull(hosts.registeredAt)));
}

/** The HostObject knows of the removal. */
export async function markRemovalApplied(db: Db, hostId: HostId, at: number): Promise<void> {
  await db.update(hosts).set({ removalAppliedAt: at }).where(eq(hosts.id, hostId));
}

export type HostIntent = Pick<HostRow, "cordonedAt" | "drainingAt" | "drainUntil">;

/** What its owner wants of a host from now on; null where it was removed before. */
export async function setHostIntent(
  db: Db,
  input: { readonly hostId: HostId; readonly set: Partial<HostIntent>; readonly audit: AuditRow },
): Promise<ListedHost | null> {
  const mine = and(eq(hosts.id, input.hostId), isNull(hosts.removedAt));
  await runBatch(db, [
    insertAudit(db, input.audit, sql`EXISTS (SELECT 1 FROM ${hosts} WHERE ${mine})`),
    db
      .update(hosts)
      .set({ ...input.set, intentVersion: sql`${hosts.intentVersion} + 1` })
      .where(mine),
  ]);
  return (await selectHosts(db, mine, 1))[0] ?? null;
}

/** The HostObject knows that wish. Never goes down. */
export async function markIntentApplied(db: Db, hostId: HostId, version: number): Promise<void> {
  await db
    .update(hosts)
    .set({ intentApplied: version })
    .where(and(eq(hosts.id, hostId), lt(hosts.intentApplied, version)));
}

/** Hosts whose object may not know that they joined, were removed, or what is wanted of them, in random order. */
export async function unappliedHosts(db: Db, limit: number): Promise<HostRow[]> {
  return db
    .select()
    .from(hosts)
    .where(
      or(
        and(isNull(hosts.registeredAt), isNull(hosts.removedAt)),
        and(isNotNull(hosts.removedAt), isNull(hosts.removalAppliedAt)),
        and(isNull(hosts.removedAt), lt(hosts.intentApplied, hosts.intentVersion)),
      ),
    )
    .orderBy(sql`random()`)
    .limit(limit);
}

export type JoinTokenRow = typeof joinTokens.$inferSelect;

export async function insertJoinToken(db: Db, row: JoinTokenRow, audit: AuditRow): Promise<void> {
  await runBatch(db, [
    db.insert(joinTokens).values(row).onConflictDoNothing(),
    insertAudit(db, audit, always),
  ]);
}

/** How things stand after a try to join; the caller tells from it whether it was let in, and if not, why. */
export interface JoinState {
  readonly token: JoinTokenRow;
  readonly project: string;
  /** The host that used the token, this one or another. */
  readonly host: HostRow | null;
}

/** Spends the token and makes the host, both or neither; null where no such token exists. */
export async function joinHost(
  db: Db,
  input: {
    readonly tokenHash: string;
    readonly host: Pick<
      HostRow,
      "id" | "name" | "publicKey" | "capacity" | "facts" | "labels" | "region" | "joinedAt"
    >;
    readonly audit: { readonly id: Id<"audit">; readonly requestId: string };
  },
): Promise<JoinState | null> {
  const { host } = input;
  const mine = sql`FROM ${joinTokens} WHERE hash = ${input.tokenHash} AND used_by = ${host.id}`;
  const nameIsFree = sql`NOT EXISTS (SELECT 1 FROM ${hosts} WHERE ${hosts.projectId} = ${joinTokens.projectId}
    AND ${hosts.name} = ${host.name} AND ${hosts.removedAt} IS NULL)`;
  await runBatch(db, [
    db
      .update(joinTokens)
      .set({ usedAt: host.joinedAt, usedBy: host.id })
      .where(
        and(
          eq(joinTokens.hash, input.tokenHash),
          isNull(joinTokens.usedAt),
          gt(joinTokens.expiresAt, host.joinedAt),
          nameIsFree,
        ),
      ),
    db.run(sql`
      INSERT INTO ${hosts} (id, project_id, name, public_key, capacity, facts, labels, region, joined_at)
      SELECT ${host.id}, project_id, ${host.name}, ${host.publicKey}, ${JSON.stringify(host.capacity)},
        ${JSON.stringify(host.facts)}, ${JSON.stringify(host.labels)}, ${host.region}, ${host.joinedAt} ${mine} ON CONFLICT DO NOTHING`),
    db.run(sql`
      INSERT INTO audit (id, project_id, at, actor, action, target, detail, request_id)
      SELECT ${input.audit.id}, project_id, ${host.joinedAt}, ${host.name}, 'agent.join', ${host.id},
        '{}', ${input.audit.requestId} ${mine} ON CONFLICT DO NOTHING`),
  ]);
  const found = await db
    .select({ token: joinTokens, project: projects.name, host: hosts })
    .from(joinTokens)
    .innerJoin(projects, eq(projects.id, joinTokens.projectId))
    .leftJoin(hosts, eq(hosts.id, joinTokens.usedBy))
    .where(eq(joinTokens.hash, input.tokenHash));
  return found[0] ?? null;
}
