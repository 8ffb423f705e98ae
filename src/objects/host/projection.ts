// The host as D1 shows it in lists and to placement: written at once when the status changes,
// else at most each `projectionMs`.
import { openDb } from "../../db/client.ts";
import { writeHostProjection } from "../../db/projections.ts";
import { sizeOf } from "../../domain/placement.ts";
import type { HostOverview } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import { heardAt, statusNow } from "./liveness.ts";
import type { HostParts } from "./parts.ts";

export function hostOverview(parts: HostParts): HostOverview | null {
  const meta = parts.store.meta();
  if (!meta) return null;
  const held = parts.store.reservations().filter((one) => one.kind === "instance");
  const { memoryBytes, cpus } = sizeOf(held);
  return {
    status: statusNow(parts),
    capacity: meta.capacity,
    facts: meta.facts,
    used: held.length,
    heldMemoryBytes: memoryBytes,
    heldCpus: cpus,
    epoch: meta.epoch,
    lastHeardAt: heardAt(parts),
    lostAt: meta.lostAt,
    frozen: meta.frozen,
  };
}

/** What makes a new projection worth writing: all but the time of the last sign of life. */
function fingerprint(view: HostOverview): string {
  const { lastHeardAt: _, ...rest } = view;
  return JSON.stringify(rest);
}

export function queueProjection(parts: HostParts): void {
  const { agenda, rim, store } = parts;
  const meta = store.meta();
  const view = hostOverview(parts);
  if (!meta || !view || fingerprint(view) === meta.projected) return;
  const told = meta.projected ? (JSON.parse(meta.projected) as HostOverview).status : null;
  // A change of status is news that people wait for; everything else can be told together.
  const waitMs = told === view.status ? rim.policy.objects.projectionMs : 0;
  const due = Math.max(rim.now(), meta.projectedAt + waitMs);
  agenda.setBy("project", "", due);
}

export function projectHandler(parts: HostParts): Handler {
  const { env, rim, store } = parts;
  return async () => {
    const meta = store.meta();
    const view = hostOverview(parts);
    if (!meta || !view) return null;
    const version = meta.projection + 1;
    const { capacity, epoch, facts, frozen, lastHeardAt, lostAt, status, used } = view;
    const { heldCpus, heldMemoryBytes } = view;
    const at = rim.now();
    // The version is taken before the write: a second writer never has the same one.
    store.update({ projection: version, projectedAt: at });
    await writeHostProjection(openDb(env.DB), {
      ...{ hostId: meta.hostId, version, status, capacity, facts, used },
      ...{ heldMemoryBytes, heldCpus, epoch, lastHeardAt, lostAt, frozen },
      at,
    });
    // Overtaken by a later try, which alone knows what D1 has now.
    if (store.meta()?.projection !== version) return null;
    store.update({ projected: fingerprint(view) });
    const current = hostOverview(parts);
    const stale = current !== null && fingerprint(current) !== fingerprint(view);
    return stale ? at + rim.policy.objects.projectionMs : null;
  };
}
