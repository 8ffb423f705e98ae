// What one slot needs, whatever is or is not being rolled out: the smallest step of every plan.
//
// 1. A slot of a base has one occupant; of several that stand, the holder of the lease stays, else the newest that a
//    host admitted. An older one that runs goes only once that one has started.
// 2. A lost instance that has a successor is not replaced again, and goes once the successor has started.
// 3. An exclusive slot, one that stops first, and one that its owner emptied is filled again only after the old
//    process ended.
// 4. On a host that is drained the old one stays until the new one has shown itself, or until the deadline. One that stops
//    first ends before its successor is made, slot by slot.
// 5. What was lost together with half of the project's hosts is not replaced while that is so.
import {
  type Base,
  type Instance,
  type Operation,
  occupies,
  type WorkerState,
  wantedCount,
} from "./worker.ts";

export type Slot = readonly [slot: number, instances: readonly Instance[]];

/** The instances of each slot from 0 to `wanted` - 1, in that order. */
export function groupBySlot(instances: readonly Instance[], wanted: number): Slot[] {
  const groups: [number, Instance[]][] = Array.from({ length: wanted }, (_, slot) => [slot, []]);
  for (const instance of instances) groups[instance.slot]?.[1].push(instance);
  return groups;
}

/** Keeps one occupant of `base` in the slot; whatever else was there goes. */
export function fillSlot(state: WorkerState, base: Base, [slot, instances]: Slot): Operation[] {
  const { deploy, release } = base;
  const ours = instances.filter((one) => one.stop === null && one.deploy === deploy);
  const others = instances.filter((one) => one.stop === null && one.deploy !== deploy);
  const standing = ours.filter(occupies);
  const leaving = standing.filter((one) => drainOf(state, one) !== null);
  const staying = standing.filter((one) => drainOf(state, one) === null);
  const keep = staying.find((one) => one.leased) ?? newestStanding(staying);
  const isFirst = leavesFirst(state, leaving);
  const rest = isFirst ? instances : instances.filter((one) => !leaving.includes(one));
  const operations: Operation[] = [];
  if (!keep && !mustWait(state, release, rest)) {
    operations.push({ op: "create", slot, deploy, release, why: whyCreate(ours, leaving) });
  }
  for (const one of staying) {
    if (one !== keep && isSurplus(one, keep))
      operations.push(endInstance(one, "replaced", surplusWhy(one)));
  }
  const mayGo = isFirst ? isTurnOf(state, slot) : hasSuccessor(leaving, keep);
  operations.push(...endLeaving(state, leaving, mayGo));
  for (const one of ours) {
    if (one.state === "lost" && keep?.firstRunningAt != null) {
      operations.push(endInstance(one, "replaced", "its successor runs elsewhere"));
    }
  }
  for (const one of others)
    operations.push(endInstance(one, "replaced", "another release is live"));
  return operations;
}

/** One that came back and runs goes on until the newer one that stays has started, too. */
function isSurplus(one: Instance, keep: Instance | null): boolean {
  const runs = one.mode === "available" && one.hostId !== null && one.firstRunningAt !== null;
  return !runs || keep?.firstRunningAt != null;
}

/** Lost, and without a lease that would have ended it. */
export function mayRunUnseen(one: Instance): boolean {
  return one.mode === "available" && one.state === "lost";
}

export const RUNS_UNSEEN =
  "an instance without a lease may still run on a lost host: bring that host back, or remove it";

/** Why there is a successor; people read it in the timeline. */
export const MOVES = { lost: "its host was lost", drained: "its host is drained" } as const;

function whyCreate(ours: readonly Instance[], leaving: readonly Instance[]): string {
  if (leaving.length > 0) return MOVES.drained;
  return ours.length > 0 ? MOVES.lost : "slot is empty";
}

function drainOf({ drainingHosts }: WorkerState, one: Instance): "moving" | "overdue" | null {
  return one.hostId === null ? null : (drainingHosts.get(one.hostId) ?? null);
}

/** Never two at a time, as its owner wants it. An exclusive one can't be two: its successor waits for the lease. */
function leavesFirst({ spec }: WorkerState, leaving: readonly Instance[]): boolean {
  return spec.rollout === "stop-first" && leaving.every((one) => one.mode === "available");
}

/** The lowest of the slots that are to leave, once each of the others has somebody who has shown itself, or leaves, too. */
function isTurnOf(state: WorkerState, slot: number): boolean {
  const standing = state.instances.filter(occupies);
  const isLeaving = (one: Instance) => drainOf(state, one) === "moving";
  const leaving = standing.filter(isLeaving).map((one) => one.slot);
  const settled = standing.filter((one) => isLeaving(one) || one.healthyAt !== null);
  const slots = new Set(settled.map((one) => one.slot).filter((one) => one !== slot));
  return slot === Math.min(...leaving) && slots.size >= wantedCount(state.spec) - 1;
}

/** It is healthy; of an exclusive one it has its place. */
function hasSuccessor(leaving: readonly Instance[], successor: Instance | null): boolean {
  const isExclusive = leaving.some((one) => one.mode === "exclusive");
  return (isExclusive ? successor?.hostId : successor?.healthyAt) != null;
}

/** What stands on a host that is emptied goes once it may, or the drain is overdue. Of several the newest waits for that. */
function endLeaving(state: WorkerState, leaving: readonly Instance[], mayGo: boolean): Operation[] {
  const newest = newestStanding(leaving);
  return leaving.flatMap((one) => {
    if (one !== newest) return [endInstance(one, "replaced", surplusWhy(one))];
    if (drainOf(state, one) === "overdue")
      return [endInstance(one, "replaced", "its host is drained and the deadline passed")];
    return mayGo ? [endInstance(one, "replaced", MOVES.drained)] : [];
  });
}

/** A slot that no deploy fills: what an ended deploy left there goes. */
export function endOrphans([, instances]: Slot): Operation[] {
  return instances
    .filter((one) => one.stop === null)
    .map((one) => endInstance(one, "stopped", `deploy ${one.deploy} was canceled`));
}

/** A host runs it, or is about to; nothing is known of what a silent host does. */
export function isInSight({ silentHosts }: WorkerState, { hostId, state }: Instance): boolean {
  return hostId !== null && state !== "stopped" && state !== "lost" && !silentHosts.has(hostId);
}

/** Whether something in the slot has to end before a newcomer of that release may be made. */
export function mustWait(
  state: WorkerState,
  release: number,
  instances: readonly Instance[],
): boolean {
  const standing = instances.filter((one) => one.hostId !== null && one.state !== "stopped");
  const exclusive =
    state.exclusiveReleases.has(release) || standing.some((one) => one.mode === "exclusive");
  return standing.some((one) => {
    if (one.state === "lost" && state.frozenHosts.has(one.hostId!)) return true;
    // Lost, it has no lease any more; one without leases may run on unseen.
    if (exclusive) return one.state !== "lost" || mayRunUnseen(one);
    const waits = one.stop?.reason === "stopped" || state.spec.rollout === "stop-first";
    return waits && isInSight(state, one);
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
