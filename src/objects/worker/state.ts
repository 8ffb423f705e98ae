// What the domain decides on, read from the tables.
import type { WorkerState } from "../../domain/worker.ts";
import type { WorkerParts } from "./parts.ts";

/** Null before the first `apply`, and after all is over. */
export function loadState(parts: WorkerParts): WorkerState | null {
  const meta = parts.meta.get();
  if (!meta || meta.deletedAt !== null) return null;
  const hosts = parts.hosts.all().filter((one) => !one.removed);
  const instances = parts.instances.all();
  const deploys = parts.deploys.active();
  const numbers = [...instances, ...deploys, ...(meta.base ? [meta.base] : [])].flatMap(
    ({ release }) => release ?? [],
  );
  const isExclusive = (release: number) => parts.releases.get(release)?.mode === "exclusive";
  return {
    spec: meta.spec,
    specVersion: meta.specVersion,
    base: meta.base,
    deploys,
    instances,
    jobs: parts.jobs.all(),
    exclusiveReleases: new Set(numbers.filter(isExclusive)),
    silentHosts: new Map(
      hosts.flatMap(({ hostId, silentAt }) =>
        silentAt === null ? [] : [[hostId, silentAt] as const],
      ),
    ),
    frozenHosts: new Set(hosts.filter((one) => one.frozen).map((one) => one.hostId)),
    drainingHosts: new Map(
      hosts.flatMap(({ drain, hostId }) => (drain === null ? [] : [[hostId, drain] as const])),
    ),
  };
}
