// The predeploy command of a release: one job on one host, once, before anything is rolled out.
//
// 1. It is never begun twice for a deploy: where its host is lost, its end is unknown, and the deploy fails saying so.
// 2. Nothing runs beside it: one of an earlier deploy that may still run is waited for, though its host be silent.
// 3. One that was given to a host is not cut short by a newer deploy: half a migration helps nobody. People may cancel it.
// 4. It ends in every case: stopped at its deadline, and given up where even that is not heard of.
import type { JobOutcome } from "../../protocol/channel.ts";
import { formatDuration } from "../../protocol/duration.ts";
import type { Policy } from "../../protocol/policy.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import {
  type Deploy,
  type Job,
  NO_ROOM_REASON,
  type Operation,
  type Plan,
  type WorkerState,
} from "./worker.ts";

const LOST =
  "the host that ran the predeploy command was lost: whether the command was carried out is not known";
const EARLIER = "an earlier predeploy command did not end in time";
const EARLIER_UNSEEN =
  "an earlier predeploy command may still run on a lost host: bring that host back, or remove it";
const NEVER_ENDED =
  "the predeploy command was to be stopped at its deadline, and its end was not heard of";

type Verdict =
  | { readonly kind: "waits"; readonly wakeAt: number | null }
  | { readonly kind: "do"; readonly operation: Operation }
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly reason: string };

export function judgePredeploy(
  state: WorkerState,
  deploy: Deploy,
  now: number,
  policy: Policy,
): Plan {
  const { number } = deploy;
  const verdict = judge(state, deploy, now, policy);
  switch (verdict.kind) {
    case "waits":
      return { operations: [], wakeAt: verdict.wakeAt };
    case "do":
      return { operations: [verdict.operation], wakeAt: null };
    case "passed": {
      const go = { op: "deploy", number, to: "rolling_out", reason: null } as const;
      return { operations: [go], wakeAt: null };
    }
    case "failed": {
      const { reason } = verdict;
      return { operations: [{ op: "deploy", number, to: "failed", reason }], wakeAt: null };
    }
  }
}

function judge(state: WorkerState, deploy: Deploy, now: number, policy: Policy): Verdict {
  const { noRoomMs, predeployDeadlineMs } = policy.rollout;
  const job = state.jobs.find((one) => one.deploy === deploy.number);
  const by = (at: number, reason: string): Verdict =>
    now < at ? { kind: "waits", wakeAt: at } : { kind: "failed", reason };
  if (!job) {
    const earlier = state.jobs.find(mayRun);
    if (earlier?.hostId) {
      const isSilent = state.silentHosts.has(earlier.hostId);
      return by(deploy.statusAt + noRoomMs, isSilent ? EARLIER_UNSEEN : EARLIER);
    }
    const { number, release } = deploy;
    if (release === null) return { kind: "failed", reason: "it has no release" };
    return { kind: "do", operation: { op: "job", deploy: number, release } };
  }
  if (job.outcome !== null) return ended(job, job.outcome, policy);
  if (job.hostId === null) return by(job.createdAt + noRoomMs, NO_ROOM_REASON);
  if (state.silentHosts.has(job.hostId)) return { kind: "failed", reason: LOST };
  if (job.stop !== null)
    return by(job.stop.at + job.graceMs + policy.heartbeat.lostMs, NEVER_ENDED);
  const due = (job.placedAt ?? job.createdAt) + predeployDeadlineMs;
  if (now < due) return { kind: "waits", wakeAt: due };
  return { kind: "do", operation: { op: "stop_job", job: job.id, why: "its time was over" } };
}

function ended({ stop, tail }: Job, outcome: JobOutcome, policy: Policy): Verdict {
  const fail = (what: string): Verdict => ({ kind: "failed", reason: withLast(what, tail) });
  switch (outcome.kind) {
    case "exited":
      if (outcome.exitCode === 0) return { kind: "passed" };
      if (outcome.oom) return fail("the predeploy command ran out of memory and was killed");
      if (outcome.signal !== null)
        return fail(`the predeploy command was killed by ${outcome.signal}`);
      return fail(`the predeploy command ended with exit code ${outcome.exitCode ?? "unknown"}`);
    case "stopped": {
      const limit = formatDuration(policy.rollout.predeployDeadlineMs);
      return fail(
        stop
          ? `the predeploy command did not end within ${limit}`
          : "the predeploy command was stopped with its host",
      );
    }
    case "refused":
      return { kind: "failed", reason: outcome.message };
    case "unknown":
      return fail(`whether the predeploy command was carried out is not known: ${outcome.message}`);
    default:
      return unreachable(outcome);
  }
}

/** With the last line that says something: lists show the reason alone. */
function withLast(what: string, tail: readonly string[]): string {
  const last = tail.findLast((line) => line.trim() !== "")?.trim();
  return last ? `${what}: ${last.slice(0, 300)}` : what;
}

/** It was given to a host, and nobody said that it ended: a silent host may run it yet. */
function mayRun(job: Job): boolean {
  return job.outcome === null && job.hostId !== null;
}

/** Whether a newer deploy may take the place of one whose predeploy command stands so. */
export function mayBeReplaced({ jobs }: WorkerState, deploy: Deploy): boolean {
  const job = jobs.find((one) => one.deploy === deploy.number);
  return !job || job.hostId === null;
}

/** Lets go of jobs whose deploy has gone on or ended, and stops those that run all the same. */
export function tidyJobs({ deploys, jobs }: WorkerState): Operation[] {
  const awaited = new Set(
    deploys.filter((one) => one.status === "predeploy").map((one) => one.number),
  );
  return jobs.flatMap((job): Operation[] => {
    if (awaited.has(job.deploy)) return [];
    if (job.outcome !== null || job.hostId === null) return [{ op: "forget_job", job: job.id }];
    return job.stop ? [] : [{ op: "stop_job", job: job.id, why: "its deploy has ended" }];
  });
}
