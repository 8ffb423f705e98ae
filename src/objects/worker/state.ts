// What the domain decides on, read from the tables.
import type { WorkerState } from "../../domain/worker.ts";
import type { WorkerParts } from "./parts.ts";

/** Null before the first `apply`, and after all is over. */
export function loadState(parts: WorkerParts): WorkerState | null {
  const meta = parts.meta.get();
  if (!meta || meta.deletedAt !== null) return null;
  const silent = parts.hosts.all().filter((one) => one.silentAt !== null && !one.removed);
  return {
    spec: meta.spec,
    specVersion: meta.specVersion,
    base: meta.base,
    deploys: parts.deploys.active(),
    instances: parts.instances.all(),
    silentHosts: new Set(silent.map((one) => one.hostId)),
  };
}
