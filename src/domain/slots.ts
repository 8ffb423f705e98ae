// What one slot needs, whatever is or is not being rolled out: the smallest step of every plan.
//
// 1. A slot of a base has one occupant; of several that stand, the newest that a host admitted stays.
// 2. A lost instance that has a successor is not replaced again, and goes once the successor has started.
// 3. An exclusive slot, and one that its owner emptied, is filled again only after the old process ended.
import { type Base, type Instance, type Operation, occupies, type WorkerState } from "./worker.ts";

export type Slot = readonly [slot: number, instances: readonly Instance[]];

/** The instances of each slot from 0 to `wanted` - 1, in that order. */
export function groupBySlot(instances: readonly Instance[], wanted: number): Slot[] {
  const groups: [number, Instance[]][] = Array.from({ length: wanted }, (_, slot) => [slot, []]);
  for (const instance of instances) groups[instance.slot]?.[1].push(instance);
  return groups;
}

/** Keeps one occupant of `base` in the slot; whatever else was there goes. */
export function fillSlot(state: WorkerState, base: Base, [slot, instances]: Slot): Operation[] {
  const ours = instances.filter((one) => one.stop === null && one.deploy === base.deploy);
  const others = instances.filter((one) => one.stop === null && one.deploy !== base.deploy);
  const standing = ours.filter(occupies);
  const keep = newestStanding(standing);
  const operations: Operation[] = [];
  if (!keep && !mustWait(state, instances)) {
    const why = ours.length > 0 ? "its host was lost" : "slot is empty";
    operations.push({ op: "create", slot, deploy: base.deploy, release: base.release, why });
  }
  for (const one of standing) {
    if (one !== keep) operations.push(endInstance(one, "replaced", surplusWhy(one)));
  }
  for (const one of ours) {
    if (one.state === "lost" && keep?.firstRunningAt != null) {
      operations.push(endInstance(one, "replaced", "its successor runs elsewhere"));
    }
  }
  for (const one of others)
    operations.push(endInstance(one, "replaced", "another release is live"));
  return operations;
}

/** A slot that no deploy fills: what an ended deploy left there goes. */
export function endOrphans([, instances]: Slot): Operation[] {
  return instances
    .filter((one) => one.stop === null)
    .map((one) => endInstance(one, "stopped", `deploy ${one.deploy} was canceled`));
}

/** Whether something in the slot has to end before a newcomer may be made. */
export function mustWait(state: WorkerState, instances: readonly Instance[]): boolean {
  return instances.some((one) => {
    if (one.hostId === null || one.state === "stopped") return false;
    if (state.spec.mode === "exclusive") return true;
    return (
      one.stop?.reason === "stopped" && one.state !== "lost" && !state.silentHosts.has(one.hostId)
    );
  });
}

/** Ends an instance: a tombstone where a host may run it, nothing but forgetting where none ever did. */
export function endInstance(
  instance: Instance,
  reason: "stopped" | "replaced",
  why: string,
): Operation {
  return instance.hostId === null
    ? { op: "discard", instance: instance.id, why }
    : { op: "stop", instance: instance.id, reason, why };
}

/** One that still waits for a host yields to a predecessor that came back. */
function newestStanding(standing: readonly Instance[]): Instance | null {
  const placed = standing.filter((one) => one.hostId !== null);
  const pool = placed.length > 0 ? placed : standing;
  return pool.reduce<Instance | null>(
    (best, one) => (best && best.generation > one.generation ? best : one),
    null,
  );
}

function surplusWhy(instance: Instance): string {
  return instance.hostId === null ? "its predecessor came back" : "a newer one stands in its slot";
}
