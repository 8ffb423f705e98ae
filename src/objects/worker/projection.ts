// The worker as D1 shows it in lists: written on change with a rising version,
// at most each `projectionMs`, but sooner while somebody waits for what they asked for.
import type { LiveEnv } from "../../../protocol/live-env.ts";
import { openDb } from "../../db/client.ts";
import { markApplied, writeWorkerProjection } from "../../db/projections.ts";
import { workerStatus } from "../../domain/status.ts";
import type { WorkerOverview } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import { envOf, newestDeploy } from "./newest.ts";
import type { WorkerParts } from "./parts.ts";
import type { Release } from "./releases.ts";
import { loadState } from "./state.ts";

export function workerOverview(parts: WorkerParts): WorkerOverview | null {
  const meta = parts.meta.get();
  const state = loadState(parts);
  if (!meta || !state) return null;
  const { status, reason, running } = workerStatus(state);
  const { base } = meta;
  return {
    status,
    statusReason: reason,
    running,
    release: base?.live ? base.release : null,
    liveEnv: base?.live ? liveEnvOf(parts.releases.get(base.release)) : null,
    lastDeployAt: meta.lastDeployAt,
    lastCrashAt: parts.timeline.lastCrashAt(),
    appliedVersion: meta.specVersion,
    newest: newestDeploy(parts),
  };
}

function liveEnvOf(release: Release | null): LiveEnv | null {
  return release ? envOf(release.env) : null;
}

const OVER = {
  status: "stopped",
  statusReason: "the worker was deleted",
  running: 0,
  release: null,
  lastDeployAt: null,
  lastCrashAt: null,
  liveEnv: null,
} as const;

function projectionOf(parts: WorkerParts) {
  const view = workerOverview(parts) ?? OVER;
  const { status, statusReason, running, release, lastDeployAt, lastCrashAt, liveEnv } = view;
  return { status, statusReason, running, release, lastDeployAt, lastCrashAt, liveEnv };
}

function gapMs({ haste, rim }: WorkerParts): number {
  return haste.gapMs(rim.now(), rim.policy.objects.projectionMs);
}

export function queueProjection(parts: WorkerParts): void {
  const { agenda, rim } = parts;
  const meta = parts.meta.get();
  if (!meta) return;
  const isMarked = meta.markedVersion >= meta.specVersion;
  if (isMarked && JSON.stringify(projectionOf(parts)) === meta.projected) return;
  agenda.setBy("project", "", Math.max(rim.now(), meta.projectedAt + gapMs(parts)));
}

export function projectHandler(parts: WorkerParts): Handler {
  return async () => {
    const { env, rim } = parts;
    const meta = parts.meta.get();
    if (!meta) return null;
    const version = meta.projection + 1;
    const at = rim.now();
    const row = projectionOf(parts);
    const projected = JSON.stringify(row);
    // The version is taken before the write: a second writer never has the same one.
    parts.meta.update({ projection: version, projectedAt: at });
    const db = openDb(env.DB);
    await writeWorkerProjection(db, { workerId: meta.workerId, version, ...row, at });
    if (meta.markedVersion < meta.specVersion)
      await markApplied(db, meta.workerId, meta.specVersion);
    // Overtaken by a later try, which alone knows what D1 has now.
    if (parts.meta.get()?.projection !== version) return null;
    parts.meta.update({ projected, markedVersion: meta.specVersion });
    const stale = JSON.stringify(projectionOf(parts)) !== projected;
    const unmarked = (parts.meta.get()?.specVersion ?? 0) > meta.specVersion;
    return stale || unmarked ? at + gapMs(parts) : null;
  };
}
