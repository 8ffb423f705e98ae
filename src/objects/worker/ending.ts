// The end of a worker: once nothing of it can run anywhere, its store is emptied but for a marker.
//
// 1. Not before every tombstone was confirmed by its host, or went with it, and all room was given back.
// 2. The marker and the hosts' keys stay: a late agent that still runs something gets a tombstone.
import type { WorkerParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";

const EMPTIED = [
  "instances",
  "jobs",
  "deploys",
  "releases",
  "exits",
  "crashes",
  "crash_groups",
  "events",
  "frames",
  "streams",
];

export function endWorker(parts: WorkerParts): void {
  const { agenda, frames, meta, releases, rim, sql } = parts;
  const known = meta.get();
  if (known?.spec.wanted !== "deleted" || known.deletedAt !== null) return;
  const { deploys, instances, jobs } = parts;
  if (instances.all().length + jobs.all().length + deploys.active().length > 0) return;
  if (agenda.keys("release").length > 0) return;
  for (const table of EMPTIED) sql.run(`DELETE FROM ${table}`);
  for (const kind of ["wake", "place", "push", "silence", "retention"] as const) {
    for (const key of agenda.keys(kind)) agenda.clear(kind, key);
  }
  frames.forget();
  releases.forget();
  meta.update({ deletedAt: rim.now(), base: null });
  queueProjection(parts);
}
