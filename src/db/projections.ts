// Projections: written by the objects, each by its own; read for lists and placement.
// A row lands only where its version is newer than the stored one, so that late writers lose.
import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { HostId, WorkerId } from "../../protocol/ids.ts";
import type { Db } from "./client.ts";
import { type HostRow, hosts } from "./schema/hosts.ts";
import {
  type HostProjection,
  hostProjections,
  type WorkerProjection,
  workerProjections,
} from "./schema/projections.ts";
import { workers } from "./schema/workers.ts";

export type { HostProjection, WorkerProjection } from "./schema/projections.ts";

export async function writeWorkerProjection(db: Db, row: WorkerProjection): Promise<void> {
  const { workerId: _, ...set } = row;
  await db
    .insert(workerProjections)
    .values(row)
    .onConflictDoUpdate({
      target: workerProjections.workerId,
      set,
      setWhere: lt(workerProjections.version, sql`excluded.version`),
    });
}

export async function writeHostProjection(db: Db, row: HostProjection): Promise<void> {
  const { hostId: _, ...set } = row;
  await db
    .insert(hostProjections)
    .values(row)
    .onConflictDoUpdate({
      target: hostProjections.hostId,
      set,
      setWhere: lt(hostProjections.version, sql`excluded.version`),
    });
}

export interface CandidateHost {
  readonly hostId: HostId;
  readonly name: string;
  /** Slots taken by instances, as last told. */
  readonly used: number;
  /** Slots it has; what it said when joining until it said something newer. */
  readonly slots: number;
  readonly region: string | null;
  readonly labels: HostRow["labels"];
  /** Cordoned or drained: takes nothing new. */
  readonly cordoned: boolean;
  /** What no reservation holds, as last told. */
  readonly freeMemoryBytes: number;
  readonly freeCpus: number;
}

/** Hosts of a project for placement: online ones first, then those with most free slots. Lost and cloned ones are left out. */
export async function candidateHosts(db: Db, projectId: string): Promise<CandidateHost[]> {
  const rows = await db
    .select({
      hostId: hosts.id,
      name: hosts.name,
      joined: hosts.capacity,
      region: hosts.region,
      labels: hosts.labels,
      cordonedAt: hosts.cordonedAt,
      drainUntil: hosts.drainUntil,
      status: hostProjections.status,
      used: hostProjections.used,
      heldMemoryBytes: hostProjections.heldMemoryBytes,
      heldCpus: hostProjections.heldCpus,
      capacity: hostProjections.capacity,
    })
    .from(hosts)
    .leftJoin(hostProjections, eq(hostProjections.hostId, hosts.id))
    .where(
      and(
        eq(hosts.projectId, projectId as typeof hosts.$inferSelect.projectId),
        isNull(hosts.removedAt),
        sql`coalesce(${hostProjections.status}, 'joining') NOT IN ('lost', 'cloned', 'removed')`,
      ),
    )
    .orderBy(desc(sql`coalesce(${hostProjections.status} = 'online', 0)`), hosts.id)
    .limit(1_000);
  return rows
    .map((row) => {
      const capacity = row.capacity ?? row.joined;
      const host = {
        hostId: row.hostId,
        name: row.name,
        used: row.used ?? 0,
        slots: capacity.slots,
        region: row.region,
        labels: row.labels,
        cordoned: row.cordonedAt !== null || row.drainUntil !== null,
        freeMemoryBytes: capacity.memoryBytes - (row.heldMemoryBytes ?? 0),
        freeCpus: capacity.cpus - (row.heldCpus ?? 0),
      };
      return { online: row.status === "online", host };
    })
    .sort(
      (a, b) =>
        Number(b.online) - Number(a.online) ||
        b.host.slots - b.host.used - (a.host.slots - a.host.used),
    )
    .map(({ host }) => host);
}

/** The worker's object has taken in that version of the spec. Never goes down. */
export async function markApplied(db: Db, workerId: string, version: number): Promise<void> {
  await db
    .update(workers)
    .set({ appliedVersion: version })
    .where(and(eq(workers.id, workerId as WorkerId), lt(workers.appliedVersion, version)));
}
