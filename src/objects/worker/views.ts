// What people see of a worker, in the words of the API.
import type { DeployView, InstanceView, ReleaseView } from "../../../protocol/rest.ts";
import type { Page, PageInput } from "../../rpc.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { WorkerParts } from "./parts.ts";
import type { Release } from "./releases.ts";
import { iso, type Numbered } from "./timeline.ts";

export function instanceViews(parts: WorkerParts): InstanceView[] {
  const { hosts, instances, sockets } = parts;
  const heard = new Map<string, number>();
  for (const ws of sockets.greeted()) heard.set(sockets.read(ws).hostId, sockets.heardAt(ws));
  const all = [...instances.all()].sort((a, b) => a.slot - b.slot || a.generation - b.generation);
  return all.map((one) => ({
    id: one.id,
    slot: one.slot,
    generation: one.generation,
    attempt: one.attempt,
    state: one.state,
    mode: one.mode,
    hostId: one.hostId,
    hostName: one.hostId === null ? null : (hosts.get(one.hostId)?.name ?? null),
    pid: one.pid,
    startedAt: iso(one.startedAt),
    lastHeartbeatAt: iso((one.hostId === null ? null : heard.get(one.hostId)) ?? null),
    release: one.release,
    restarts: one.restarts,
    restartAt: iso(one.restartAt),
    detail: one.detail ?? one.stop?.why ?? null,
  }));
}

export function deployView(one: StoredDeploy): DeployView {
  return {
    id: one.id,
    number: one.number,
    kind: one.kind,
    status: one.status,
    reason: one.reason,
    ref: one.ref,
    commit: one.commit,
    commitMessage: one.commitMessage,
    release: one.release,
    restores: one.restores,
    steps: one.steps.map((step) => ({ ...step, startedAt: iso(step.startedAt) })),
    tail: [...one.tail],
    actor: one.actor,
    createdAt: iso(one.createdAt),
    endedAt: iso(one.endedAt),
  };
}

function releaseView(
  one: Release,
  { live, wereLive }: { readonly live: number | null; readonly wereLive: ReadonlySet<number> },
): ReleaseView {
  return {
    number: one.number,
    commit: one.source.commit,
    commitMessage: one.commitMessage,
    digest: one.digest,
    startCommand: one.startCommand,
    buildCommand: one.source.buildCommand,
    predeployCommand: one.predeployCommand,
    restores: one.restores,
    envVersion: one.env.version,
    envNames: one.env.entries.map((entry) => entry.name).sort(),
    live: one.number === live,
    wasLive: wereLive.has(one.number),
    createdAt: iso(one.createdAt),
  };
}

export function releasePage(parts: WorkerParts, page: PageInput): Page<ReleaseView> {
  const base = parts.meta.get()?.base;
  const live = base?.live ? base.release : null;
  const wereLive = new Set(parts.deploys.liveReleases());
  return pageOf(page, (below, limit) =>
    parts.releases
      .page(below, limit)
      .map((one) => ({ seq: one.number, view: releaseView(one, { live, wereLive }) })),
  );
}

export function deployPage(parts: WorkerParts, page: PageInput): Page<DeployView> {
  return pageOf(page, (below, limit) =>
    parts.deploys.page(below, limit).map((one) => ({ seq: one.number, view: deployView(one) })),
  );
}

/** Newest first; a cursor is the number of the last one shown. */
export function pageOf<T>(
  { cursor, limit }: PageInput,
  read: (below: number, limit: number) => Numbered<T>[],
): Page<T> {
  const below = cursor !== null && /^\d{1,15}$/.test(cursor) ? Number(cursor) : MAX;
  const rows = read(below, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? String(last.seq) : null;
  return { items: shown.map((row) => row.view), next };
}

const MAX = Number.MAX_SAFE_INTEGER;
