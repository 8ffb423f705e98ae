// Decides what a worker needs now: desired and observed in, an ordered plan out. Somebody else applies it.
//
// 1. Every slot below the wanted count has one occupant, every other slot none.
// 2. Only a tombstone stops a program; it is set once and never taken back.
// 3. The plan of a state to which the plan was applied is empty, until time passes or news come.
// 4. An instance whose deploy is neither the base nor under way has nothing to go back to, and goes.
import type { Policy } from "../../protocol/policy.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import { tidyJobs } from "./predeploy.ts";
import { pickDeploy } from "./queue.ts";
import { judgeRollout, type Rollout, rolloutOf, rolloutSlots } from "./rollout.ts";
import { endInstance, endOrphans, fillSlot, groupBySlot } from "./slots.ts";
import { type Base, type Operation, type Plan, type WorkerState, wantedCount } from "./worker.ts";

export function reconcile(state: WorkerState, now: number, policy: Policy): Plan {
  const queue = pickDeploy(state, now, policy);
  if (queue.operations.length > 0) return queue;
  const tidying = tidyJobs(state);
  if (tidying.length > 0) return decideAgain(tidying);

  const rollout = rolloutOf(state);
  if (!rollout) return { operations: settle(state, null), wakeAt: queue.wakeAt };

  const verdict = judgeRollout(state, rollout, now, policy);
  switch (verdict.kind) {
    case "live":
      return decideAgain([
        { op: "base", base: { deploy: rollout.deploy, release: rollout.release, live: true } },
        { op: "deploy", number: rollout.deploy, to: "live", reason: null },
      ]);
    case "failed":
      return decideAgain(failRollout(state.base, rollout, verdict.reason));
    case "going_on":
      return { operations: settle(state, rollout), wakeAt: verdict.wakeAt };
    default:
      return unreachable(verdict);
  }
}

/** These change everything else: the slots are looked at in the next round, which follows at once. */
function decideAgain(operations: readonly Operation[]): Plan {
  return { operations, wakeAt: null };
}

function failRollout(base: Base | null, rollout: Rollout, reason: string): Operation[] {
  if (base?.live) return [{ op: "deploy", number: rollout.deploy, to: "reverted", reason }];
  return [
    { op: "base", base: { deploy: rollout.deploy, release: rollout.release, live: false } },
    { op: "deploy", number: rollout.deploy, to: "failed", reason },
  ];
}

function settle(state: WorkerState, rollout: Rollout | null): Operation[] {
  const { base, instances, spec } = state;
  const wanted = wantedCount(spec);
  const why = spec.wanted === "running" ? "scaled down" : `the worker was ${spec.wanted}`;
  const surplus = instances
    .filter((one) => one.slot >= wanted && one.stop === null)
    .map((one) => endInstance(one, "stopped", why));
  const slots = groupBySlot(instances, wanted);
  if (rollout) return [...surplus, ...rolloutSlots(state, rollout, slots)];
  return [
    ...surplus,
    ...slots.flatMap((slot) => (base ? fillSlot(state, base, slot) : endOrphans(slot))),
  ];
}
