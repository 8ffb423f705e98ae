// Brings the slots from the base to a deploy's release, and judges whether that went well.
//
// 1. Start-first, one slot at a time: the newcomer is healthy before the old one is asked to stop.
// 2. A release that was live before needs no soak, only a started process; start-first it takes all slots at once.
// 3. Without a live release there is nothing to protect: every slot goes over at once.
// 4. Exclusive slots stop first, and those of whoever wants it so: the old one has ended before the newcomer is made.
// 5. What a silent host does to an instance is never held against the release.
// 6. Every newcomer has a deadline, so that every rollout ends.
import { formatDuration } from "../../protocol/duration.ts";
import type { Policy } from "../../protocol/policy.ts";
import {
  endInstance,
  endOrphans,
  fillSlot,
  isInSight,
  mayRunUnseen,
  mustWait,
  RUNS_UNSEEN,
  type Slot,
} from "./slots.ts";
import {
  type Instance,
  NO_ROOM_REASON,
  type Operation,
  type WorkerState,
  wantedCount,
} from "./worker.ts";

export type Strategy = "start_first" | "stop_first" | "all_at_once" | "fill";

export interface Rollout {
  readonly deploy: number;
  readonly release: number;
  readonly strategy: Strategy;
  /** A newcomer has to survive its soak; one of a release that was live before has not. */
  readonly soaks: boolean;
}

export type RolloutVerdict =
  | { readonly kind: "live" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "going_on"; readonly wakeAt: number | null };

export function rolloutOf(state: WorkerState): Rollout | null {
  const deploy = state.deploys.find((one) => one.status === "rolling_out");
  if (!deploy || deploy.release === null) return null;
  const { number, release, proven } = deploy;
  const strategy = strategyOf(state, { number, release, proven });
  return { deploy: number, release, strategy, soaks: !proven };
}

function strategyOf(
  state: WorkerState,
  { number, release, proven }: { number: number; release: number; proven: boolean },
): Strategy {
  const { base, exclusiveReleases, instances } = state;
  const isExclusive = (one: Instance) =>
    one.mode === "exclusive" && one.deploy !== number && one.hostId !== null;
  // What a canceled deploy left may hold a lease yet.
  const standing = instances.some((one) => isExclusive(one) && one.state !== "lost");
  if (standing || exclusiveReleases.has(release) || (base && exclusiveReleases.has(base.release)))
    return "stop_first";
  if (state.spec.rollout === "stop-first") {
    const isOld = (one: Instance) => one.deploy !== number && isInSight(state, one);
    if (base?.live || instances.some(isOld)) return "stop_first";
  }
  if (!base?.live) return "fill";
  return proven ? "all_at_once" : "start_first";
}

export function judgeRollout(
  state: WorkerState,
  rollout: Rollout,
  now: number,
  policy: Policy,
): RolloutVerdict {
  const wanted = wantedCount(state.spec);
  const present = state.instances.filter((one) => one.stop === null && one.slot < wanted);
  const newcomers = present.filter((one) => one.deploy === rollout.deploy);
  const arrived = new Set(
    newcomers.filter((one) => hasArrived(one, rollout)).map((one) => one.slot),
  );
  if (arrived.size === wanted && newcomers.length === present.length) return { kind: "live" };

  const crashes = newcomers.reduce((sum, one) => sum + one.soakCrashes, 0);
  if (rollout.soaks && crashes >= policy.rollout.soakCrashes) {
    const soak = formatDuration(policy.rollout.soakMs);
    return { kind: "failed", reason: `it crashed ${crashes} times before it had run for ${soak}` };
  }
  const deadlines = [
    ...newcomers.flatMap((one) => deadlineOf(one, rollout, state, policy) ?? []),
    ...blockedDeadline(state, rollout, policy),
  ];
  const missed = deadlines.find((one) => one.at <= now);
  if (missed) return { kind: "failed", reason: missed.reason };
  const wakeAt = deadlines.length > 0 ? Math.min(...deadlines.map((one) => one.at)) : null;
  return { kind: "going_on", wakeAt };
}

/** True where the newcomer has shown enough for its predecessor to go. */
function hasArrived(instance: Instance, { soaks }: Rollout): boolean {
  if (instance.state === "lost") return false;
  return (soaks ? instance.healthyAt : instance.firstRunningAt) !== null;
}

interface Deadline {
  readonly at: number;
  readonly reason: string;
}

function deadlineOf(
  instance: Instance,
  rollout: Rollout,
  state: WorkerState,
  policy: Policy,
): Deadline | null {
  const { noRoomMs, soakDeadlineMs, soakMs, startDeadlineMs } = policy.rollout;
  const { createdAt, firstRunningAt, healthyAt, hostId, placedAt } = instance;
  if (healthyAt !== null || hasArrived(instance, rollout) || instance.state === "lost") return null;
  if (hostId !== null && state.silentHosts.has(hostId)) return null;
  if (firstRunningAt !== null) {
    const reason = `no instance ran for ${formatDuration(soakMs)} within ${formatDuration(soakDeadlineMs)}`;
    return { at: firstRunningAt + soakDeadlineMs, reason };
  }
  if (placedAt !== null) {
    const reason = `an instance did not start within ${formatDuration(startDeadlineMs)}`;
    return { at: placedAt + startDeadlineMs, reason };
  }
  return { at: createdAt + noRoomMs, reason: NO_ROOM_REASON };
}

/** A slot that cannot be emptied must not hold up the deploy for ever. It has its time from when its host fell silent. */
function blockedDeadline(state: WorkerState, rollout: Rollout, policy: Policy): Deadline[] {
  const deploy = state.deploys.find((one) => one.number === rollout.deploy);
  const wanted = wantedCount(state.spec);
  if (!deploy || !state.exclusiveReleases.has(rollout.release)) return [];
  const blocking = state.instances.filter((one) => one.slot < wanted && mayRunUnseen(one));
  return blocking.map(({ hostId }) => {
    const silentAt = (hostId && state.silentHosts.get(hostId)) ?? deploy.statusAt;
    const at = Math.max(deploy.statusAt, silentAt) + policy.rollout.noRoomMs;
    return { at, reason: RUNS_UNSEEN };
  });
}

export function rolloutSlots(
  state: WorkerState,
  rollout: Rollout,
  slots: readonly Slot[],
): Operation[] {
  const { base } = state;
  const isNewcomer = (one: Instance) => one.deploy === rollout.deploy && one.stop === null;
  const isDone = ([, instances]: Slot) =>
    instances.some((one) => isNewcomer(one) && hasArrived(one, rollout));
  const inTurn = rollout.strategy === "start_first" || rollout.strategy === "stop_first";
  const current = slots.find((slot) => !isDone(slot));
  return slots.flatMap((slot) => {
    const waits = inTurn && slot !== current && !slot[1].some(isNewcomer);
    if (!waits) return turnSlot(state, rollout, slot);
    return base ? fillSlot(state, base, slot) : endOrphans(slot);
  });
}

/** One slot whose turn it is, or was: a newcomer is made, and what stood there goes once it may. */
function turnSlot(state: WorkerState, rollout: Rollout, [slot, instances]: Slot): Operation[] {
  const target = { deploy: rollout.deploy, release: rollout.release, live: false };
  const newcomers = instances.filter((one) => one.deploy === rollout.deploy);
  const before = instances.filter((one) => one.deploy !== rollout.deploy);
  const old = before.filter((one) => one.stop === null);
  const arrived = newcomers.some((one) => one.stop === null && hasArrived(one, rollout));
  const stopsFirst = rollout.strategy === "stop_first";
  const isStuck = state.exclusiveReleases.has(rollout.release) && before.some(mayRunUnseen);
  const mayStopOld = arrived || (stopsFirst && !isStuck) || rollout.strategy === "fill";
  const blocked = stopsFirst && (old.length > 0 || mustWait(state, rollout.release, before));
  const why = `deploy ${rollout.deploy} takes its slot`;
  return [
    ...(mayStopOld ? old.map((one) => endInstance(one, "replaced", why)) : []),
    ...(blocked ? [] : fillSlot(state, target, [slot, newcomers])),
  ];
}
