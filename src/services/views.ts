// Rows and answers of objects as the API shows them.

import { envChanged } from "../../protocol/live-env.ts";
import type { HostView, ProjectView, TokenView, WorkerView } from "../../protocol/rest.ts";
import type { ListedHost } from "../db/hosts.ts";
import type { HostProjection, WorkerProjection } from "../db/projections.ts";
import type { ProjectRow } from "../db/projects.ts";
import type { TokenRow } from "../db/tokens.ts";
import type { StoredWorker } from "../db/workers.ts";
import type { HostOverview, WorkerOverview } from "../rpc.ts";

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null | undefined): string | null {
  return ms == null ? null : iso(ms);
}

export function projectView(row: ProjectRow): ProjectView {
  return { id: row.id, name: row.name, createdAt: iso(row.createdAt) };
}

/** How a worker does, and since when we know; from its object or from the projection. */
export interface KnownStatus
  extends Pick<
    WorkerOverview,
    "status" | "statusReason" | "running" | "release" | "lastDeployAt" | "lastCrashAt" | "liveEnv"
  > {
  /** ms since the epoch; null where nothing is known yet. */
  readonly at: number | null;
}

const NOTHING_KNOWN: KnownStatus = {
  status: "pending",
  statusReason: null,
  running: 0,
  release: null,
  lastDeployAt: null,
  lastCrashAt: null,
  liveEnv: null,
  at: null,
};

export function workerView(
  worker: StoredWorker,
  known: KnownStatus | WorkerProjection | null,
): WorkerView {
  const { groups, row, spec } = worker;
  const { wanted: _, ...asked } = spec;
  const { status, statusReason, running, release, lastDeployAt, lastCrashAt, liveEnv, at } =
    known ?? NOTHING_KNOWN;
  return {
    id: row.id,
    ...asked,
    specVersion: row.specVersion,
    status,
    statusReason,
    running,
    release,
    lastDeployAt: isoOrNull(lastDeployAt),
    lastCrashAt: isoOrNull(lastCrashAt),
    envChanged: envChanged({ version: row.envVersion, groups }, liveEnv),
    createdAt: iso(row.createdAt),
    statusAt: isoOrNull(at),
  };
}

export function hostView(host: ListedHost, known: HostOverview | HostProjection | null): HostView {
  return {
    id: host.row.id,
    name: host.row.name,
    status: known?.status ?? "joining",
    capacity: known?.capacity ?? host.row.capacity,
    used: known?.used ?? 0,
    heldMemoryBytes: known?.heldMemoryBytes ?? 0,
    heldCpus: known?.heldCpus ?? 0,
    region: host.row.region,
    labels: host.row.labels,
    cordoned: host.row.cordonedAt !== null,
    drainUntil: isoOrNull(host.row.drainUntil),
    lostAt: isoOrNull(known?.lostAt),
    frozen: known?.frozen ? { gone: known.frozen.gone, of: known.frozen.of } : null,
    facts: known?.facts ?? host.row.facts,
    epoch: known?.epoch ?? 0,
    lastHeardAt: isoOrNull(known?.lastHeardAt),
    joinedAt: iso(host.row.joinedAt),
  };
}

export function tokenView(row: TokenRow): TokenView {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: iso(row.createdAt),
    expiresAt: isoOrNull(row.expiresAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
  };
}
