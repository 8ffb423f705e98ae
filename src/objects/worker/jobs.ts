// Jobs of this worker: made, stopped and forgotten as planned, and what their hosts say of them.
//
// 1. An outcome is taken once; the host hears `gone` whenever it names a job whose end is known here.
// 2. A job that no row names and that runs all the same gets a tombstone, as an instance does.
import {
  CHANNEL_JOBS_SINCE,
  type JobOutcome,
  type ObservedJob,
  type Report,
} from "../../../protocol/channel.ts";
import { predeployJobId } from "../../../protocol/ids.ts";
import type { Deploy, Job, Operation, Step } from "../../domain/worker.ts";
import { giveBack } from "./give-back.ts";
import type { WorkerParts } from "./parts.ts";
import { boundedTail } from "./timeline.ts";
import { announceState } from "./watch.ts";

type JobOperation = Extract<Operation, { op: "job" | "stop_job" | "forget_job" }>;

export function commitJob(parts: WorkerParts, operation: JobOperation): void {
  switch (operation.op) {
    case "job":
      makeJob(parts, operation);
      return;
    case "stop_job": {
      const job = parts.jobs.byId(operation.job);
      if (!job || job.stop) return;
      parts.jobs.write({ ...job, stop: { why: operation.why, at: parts.rim.now() } });
      return;
    }
    case "forget_job": {
      const job = parts.jobs.byId(operation.job);
      if (!job) return;
      parts.jobs.delete(job);
      if (job.hostId !== null) giveBack(parts, job.hostId, job.id);
      return;
    }
  }
}

function makeJob(
  parts: WorkerParts,
  { deploy: number, release }: { deploy: number; release: number },
) {
  const { deploys, jobs, meta, releases, rim } = parts;
  const known = meta.get();
  const deploy = deploys.byNumber(number);
  if (!known || !deploy) return;
  jobs.write({
    id: predeployJobId(deploy.id),
    generation: known.nextGeneration,
    deploy: number,
    release,
    hostId: null,
    begun: false,
    createdAt: rim.now(),
    placedAt: null,
    stop: null,
    graceMs: releases.get(release)?.stopGraceMs ?? known.spec.stopGraceMs,
    outcome: null,
    tail: [],
  });
  meta.update({ nextGeneration: known.nextGeneration + 1 });
}

/** Which jobs the host may let go of, which of the unknown ones run there, and whether something may be decided. */
export function takeJobs(
  parts: WorkerParts,
  hostId: string,
  report: Report,
): { readonly gone: string[]; readonly strange: ObservedJob[]; readonly news: boolean } {
  const gone: string[] = [];
  const strange: ObservedJob[] = [];
  let news = false;
  for (const seen of report.jobs) {
    const job = parts.jobs.byId(seen.jobId);
    if (job?.hostId !== hostId) {
      if (seen.outcome) gone.push(seen.jobId);
      else strange.push(seen);
      continue;
    }
    news = takeJob(parts, job, seen) || news;
    if (seen.outcome) gone.push(seen.jobId);
  }
  return { gone, strange, news };
}

function takeJob(parts: WorkerParts, job: Job, seen: ObservedJob): boolean {
  const { deploys, jobs, rim } = parts;
  if (job.outcome) return false;
  const begun = job.begun || seen.state !== "waiting";
  const outcome = seen.outcome && bare(seen.outcome);
  const lines = seen.outcome && "tail" in seen.outcome ? seen.outcome.tail : [];
  const tail = boundedTail(lines, rim.policy.logs.tailLines);
  if (begun !== job.begun || outcome) jobs.write({ ...job, begun, outcome, tail });
  const deploy = deploys.byNumber(job.deploy);
  if (deploy?.status === "predeploy") {
    const steps = withStep(deploy, stepOf(deploy, seen, rim.now()));
    if (JSON.stringify(steps) !== JSON.stringify(deploy.steps)) {
      deploys.write({ ...deploy, steps });
      announceState(parts);
    }
  }
  return begun !== job.begun || outcome !== null;
}

/** The lines stand in a column of their own. */
function bare(outcome: JobOutcome): JobOutcome {
  return "tail" in outcome ? { ...outcome, tail: [] } : outcome;
}

function stepOf(deploy: Deploy, seen: ObservedJob, now: number): Step {
  const before = deploy.steps.find((step) => step.name === "predeploy");
  const startedAt = seen.startedAt ?? before?.startedAt ?? now;
  const base = { name: "predeploy", startedAt, detail: seen.detail } as const;
  const { outcome } = seen;
  if (!outcome) return { ...base, state: "running", durationMs: null };
  const passed = outcome.kind === "exited" && outcome.exitCode === 0;
  const durationMs = "uptimeMs" in outcome ? outcome.uptimeMs : Math.max(0, now - startedAt);
  return { ...base, state: passed ? "done" : "failed", durationMs };
}

export function withStep({ steps }: Deploy, step: Step): Step[] {
  return [...steps.filter((one) => one.name !== "predeploy"), step];
}

/** Its host will never come back: nobody will say how it ended. */
export function loseJob({ jobs }: WorkerParts, job: Job): void {
  const message = "its host was removed";
  if (!job.outcome) jobs.write({ ...job, outcome: { kind: "unknown", message, tail: [] } });
}

/** Where the agent that said hello there does not know what a job is: what it has not begun it never will. */
export function refuseJobs({ hosts, jobs, sockets }: WorkerParts, hostId: string): void {
  const spoken = sockets.greeted(hostId).map((ws) => sockets.read(ws).protocol);
  if (spoken.length === 0 || spoken.some((one) => one >= CHANNEL_JOBS_SINCE)) return;
  const name = hosts.get(hostId)?.name ?? "that host";
  const message = `the agent on ${name} is too old for predeploy commands: upgrade it`;
  for (const job of jobs.onHost(hostId))
    if (!job.outcome && !job.begun) jobs.write({ ...job, outcome: { kind: "refused", message } });
}
