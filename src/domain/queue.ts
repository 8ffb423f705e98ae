// Which deploy is worked on: one at a time, the newest wins, and nothing below the live number goes live.
//
// 1. A restart throws no build away: it waits for what was asked for before it, and is not needed any more where
//    every instance was made anew meanwhile.
import type { Policy } from "../../protocol/policy.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import { judgePredeploy, mayBeReplaced } from "./predeploy.ts";
import {
  type Deploy,
  NO_ROOM_REASON,
  type Operation,
  type Plan,
  type WorkerState,
} from "./worker.ts";

export const BUILD_TIMEOUT_REASON = "the build did not end in time";

const ALL_NEW = "every instance was made anew meanwhile";
const NO_RELEASE = "there is no release to start again";

export function pickDeploy(state: WorkerState, now: number, policy: Policy): Plan {
  const queued = state.deploys.filter((one) => one.status === "queued");
  const active = state.deploys.find((one) => one.status !== "queued");
  const newest = queued.findLast((one) => one.kind !== "restart") ?? queued.at(-1);
  const operations: Operation[] = [];
  if (state.spec.wanted === "deleted") {
    for (const one of state.deploys)
      operations.push(end(one, "canceled", "the worker was deleted"));
    return { operations, wakeAt: null };
  }
  for (const one of queued) {
    if (newest && one.number < newest.number)
      operations.push(end(one, "superseded", `deploy ${newest.number} is newer`));
  }
  const replaces = newest !== undefined && newest.kind !== "restart";
  if (active && replaces && isUnfinished(active, state)) {
    operations.push(end(active, "superseded", `deploy ${newest.number} is newer`));
  }
  if (operations.length > 0) return { operations, wakeAt: null };
  if (newest && !active) return { operations: [begin(newest, state)], wakeAt: null };
  if (active?.status === "building") return judgeBuild(active, now, policy);
  if (active?.status === "predeploy") return judgePredeploy(state, active, now, policy);
  return { operations, wakeAt: null };
}

/** Nothing of it was begun that a newer deploy must not cut short. */
function isUnfinished(active: Deploy, state: WorkerState): boolean {
  if (active.status === "predeploy") return mayBeReplaced(state, active);
  return active.status === "building";
}

function begin(deploy: Deploy, state: WorkerState): Operation {
  if (state.base?.live && deploy.number < state.base.deploy) {
    return end(deploy, "superseded", `deploy ${state.base.deploy} is live and newer`);
  }
  const { number } = deploy;
  switch (deploy.kind) {
    case "deploy":
      return { op: "deploy", number, to: "building", reason: null };
    case "restart":
      if (isDone(deploy, state)) return end(deploy, "superseded", ALL_NEW);
      return state.base
        ? { op: "deploy", number, to: "rolling_out", reason: null, repeats: state.base }
        : end(deploy, "failed", NO_RELEASE);
    case "rollback":
      return deploy.release === null
        ? end(deploy, "failed", NO_RELEASE)
        : { op: "deploy", number, to: "rolling_out", reason: null };
    default:
      return unreachable(deploy.kind);
  }
}

/** Every instance was made after it was asked for: by a deploy that went live in between, or since they all moved. */
function isDone(restart: Deploy, { base, instances }: WorkerState): boolean {
  const standing = instances.filter((one) => one.stop === null && one.deploy === base?.deploy);
  return (
    base?.live === true &&
    standing.length > 0 &&
    standing.every((one) => one.createdAt > restart.createdAt)
  );
}

function judgeBuild(deploy: Deploy, now: number, policy: Policy): Plan {
  const waits = deploy.buildHostId === null;
  const due = deploy.statusAt + (waits ? policy.rollout.noRoomMs : policy.rollout.buildDeadlineMs);
  if (now < due) return { operations: [], wakeAt: due };
  const reason = waits ? NO_ROOM_REASON : BUILD_TIMEOUT_REASON;
  return { operations: [end(deploy, "failed", reason)], wakeAt: null };
}

function end(deploy: Deploy, to: "superseded" | "failed" | "canceled", reason: string): Operation {
  return { op: "deploy", number: deploy.number, to, reason };
}
