// One word for how a worker is, and a sentence where the word alone would not do.
import type { WorkerStatus } from "../../protocol/instance.ts";
import { mayRunUnseen, RUNS_UNSEEN } from "./slots.ts";
import {
  deployEnded,
  hasProcess,
  type Instance,
  occupies,
  type Stage,
  type WorkerState,
  wantedCount,
} from "./worker.ts";

/** Restarts in a row from which a worker counts as crash-looping: the third has a real wait before it. */
export const LOOPING_RESTARTS = 3;

export interface StatusVerdict {
  readonly status: WorkerStatus;
  readonly reason: string | null;
  /** Instances that have a process now. */
  readonly running: number;
}

export function workerStatus(state: WorkerState): StatusVerdict {
  const wanted = wantedCount(state.spec);
  const standing = state.instances.filter((one) => occupies(one) && one.slot < wanted);
  const isSilent = (one: Instance) => one.hostId !== null && state.silentHosts.has(one.hostId);
  const running = new Set(standing.filter(hasProcess).map((one) => one.slot)).size;
  const say = (status: WorkerStatus, reason: string | null = null) => ({ status, reason, running });

  if (wanted === 0) return say("stopped", stoppedReason(state));
  const active = state.deploys.find((one) => one.status !== "queued") ?? state.deploys[0];
  if (!state.base && !active) return say("pending", "nothing was deployed yet");

  const placed = standing.filter((one) => one.hostId !== null);
  if (placed.length > 0 && placed.every(isSilent)) {
    return say("unknown", "its hosts have not been heard of for a while");
  }
  const looping = standing.filter(
    (one) => one.state === "backoff" && one.restarts >= LOOPING_RESTARTS,
  );
  if (looping.length > 0) {
    const slots = looping.map((one) => one.slot).join(", ");
    return say("crashlooping", `instance ${slots} keeps crashing`);
  }
  const stage = active && !deployEnded(active.status) ? active.status : null;
  if (stage && (!state.base?.live || stage === "rolling_out")) {
    return say(
      "deploying",
      waitingReason(standing) ?? `deploy ${active?.number} ${STAGE_WORDS[stage]}`,
    );
  }
  if (running >= wanted) return say("running");
  if (state.instances.some((one) => one.hostId !== null && state.frozenHosts.has(one.hostId)))
    return say("degraded", "replacement is frozen: many hosts were lost at once");
  if (state.base && state.exclusiveReleases.has(state.base.release))
    if (state.instances.some((one) => one.slot < wanted && mayRunUnseen(one)))
      return say("degraded", RUNS_UNSEEN);
  return say("degraded", waitingReason(standing) ?? `${running} of ${wanted} instances run`);
}

const STAGE_WORDS = {
  queued: "is queued",
  building: "is building",
  predeploy: "runs its predeploy command",
  rolling_out: "is rolling out",
} as const satisfies Readonly<Record<Stage, string>>;

function stoppedReason(state: WorkerState): string | null {
  if (state.spec.wanted !== "running") return null;
  return "scaled to 0 instances";
}

function waitingReason(standing: readonly Instance[]): string | null {
  const waiting = standing.find((one) => one.hostId === null);
  return waiting ? (waiting.detail ?? "waiting for a host with room") : null;
}
