// Writes the operations of a plan into the tables, with the events and lines that tell of them.
import type { DeployStatus } from "../../../protocol/instance.ts";
import type { EventKind } from "../../../protocol/rest.ts";
import { unreachable } from "../../../protocol/unreachable.ts";
import { mayMove } from "../../domain/lifecycle.ts";
import { MOVES } from "../../domain/slots.ts";
import type { Base, Instance, Operation, Step } from "../../domain/worker.ts";
import { newId } from "../rim.ts";
import type { StoredDeploy } from "./deploys.ts";
import { giveBack } from "./give-back.ts";
import { commitJob } from "./jobs.ts";
import type { WorkerParts } from "./parts.ts";
import { say } from "./system-lines.ts";

export function commitOperation(parts: WorkerParts, operation: Operation): void {
  switch (operation.op) {
    case "create":
      createInstance(parts, operation);
      return;
    case "stop":
      stopInstance(parts, operation);
      return;
    case "discard": {
      const instance = parts.instances.byId(operation.instance);
      if (instance) forgetInstance(parts, instance);
      return;
    }
    case "deploy":
      moveDeploy(parts, operation);
      return;
    case "base":
      parts.meta.update({ base: operation.base });
      return;
    case "job":
    case "stop_job":
    case "forget_job":
      commitJob(parts, operation);
      return;
    default:
      unreachable(operation);
  }
}

function createInstance(
  parts: WorkerParts,
  { slot, deploy, release, why }: Extract<Operation, { op: "create" }>,
): void {
  const meta = parts.meta.get();
  if (!meta) return;
  const id = newId(parts.rim, "instance");
  parts.instances.write({
    id,
    slot,
    generation: meta.nextGeneration,
    deploy,
    release,
    mode: parts.releases.get(release)?.mode ?? meta.spec.mode,
    leased: false,
    hostId: null,
    state: "pending",
    attempt: 0,
    bootId: null,
    pid: null,
    startedAt: null,
    restarts: 0,
    restartAt: null,
    detail: null,
    createdAt: parts.rim.now(),
    placedAt: null,
    firstRunningAt: null,
    healthyAt: null,
    soakCrashes: 0,
    stop: null,
  });
  parts.meta.update({ nextGeneration: meta.nextGeneration + 1 });
  if (why !== MOVES.lost && why !== MOVES.drained) return;
  const message = `Instance ${slot} moves to another host: ${why}.`;
  parts.timeline.add({ kind: "instance_moved", message, slot, instance: id, release });
  say(parts, [{ text: `moved · ${why}`, slot, instance: id, release }]);
}

function stopInstance(parts: WorkerParts, operation: Extract<Operation, { op: "stop" }>): void {
  const instance = parts.instances.byId(operation.instance);
  if (!instance || instance.stop) return;
  // What is lost hears nothing, and nothing waits for its end; once its host is back, that reports it as stopping.
  const hears = instance.state !== "lost" && mayMove(instance.state, "stopping");
  const state = hears ? "stopping" : instance.state;
  const stop = { reason: operation.reason, why: operation.why, at: parts.rim.now() };
  parts.instances.write({ ...instance, state, stop });
}

/** The instance is gone for good: its row goes, and its host's room is given back, until that is answered. */
export function forgetInstance(parts: WorkerParts, instance: Instance): void {
  parts.instances.delete(instance);
  if (instance.hostId !== null) giveBack(parts, instance.hostId, instance.id);
}

const DEPLOY_EVENTS = {
  queued: "deploy_queued",
  building: "deploy_building",
  predeploy: "deploy_predeploy",
  rolling_out: "deploy_rolling_out",
  live: "deploy_live",
  failed: "deploy_failed",
  reverted: "deploy_reverted",
  canceled: "deploy_canceled",
  superseded: "deploy_superseded",
} as const satisfies Record<DeployStatus, EventKind>;

function moveDeploy(parts: WorkerParts, operation: Extract<Operation, { op: "deploy" }>): void {
  const deploy = parts.deploys.byNumber(operation.number);
  if (!deploy) return;
  const { reason, repeats, to } = operation;
  const again = repeats ? repeated(parts, repeats) : {};
  const words = to === "failed" || to === "reverted" ? lastWords(parts, deploy) : [];
  changeDeploy(parts, deploy, to, {
    reason,
    ...again,
    ...(words.length > 0 ? { tail: words } : {}),
  });
}

/** The lines that matter where it came to its end: of the program that crashed, or of the predeploy command. */
function lastWords({ jobs, timeline }: WorkerParts, deploy: StoredDeploy): readonly string[] {
  const { number, release, status } = deploy;
  if (status === "predeploy") return jobs.all().find((one) => one.deploy === number)?.tail ?? [];
  return status === "rolling_out" && release !== null ? timeline.lastWords(release) : [];
}

/** What a deploy that repeats the live release takes over from it. */
function repeated({ releases }: WorkerParts, base: Base): Partial<StoredDeploy> {
  const release = releases.get(base.release);
  return {
    release: base.release,
    proven: base.live,
    commit: release?.source.commit ?? null,
    commitMessage: release?.commitMessage ?? null,
  };
}

/** The one way in which a deploy's status changes: row, event, line, and the builder's room. */
export function changeDeploy(
  parts: WorkerParts,
  deploy: StoredDeploy,
  to: DeployStatus,
  change: Partial<StoredDeploy>,
  actor?: string,
): void {
  const now = parts.rim.now();
  const meta = parts.meta.get();
  const recipe = to === "building" && meta ? recipeOf(meta.spec) : deploy.recipe;
  const moved = { recipe, reason: null, steps: stepsAt(deploy, to, now), ...change };
  parts.deploys.move(deploy, to, now, moved);
  if (to === "live") parts.meta.update({ lastDeployAt: now });
  if (deploy.status === "building" && deploy.buildHostId !== null)
    giveBack(parts, deploy.buildHostId, deploy.id);
  tellDeploy(parts, { ...deploy, ...moved, status: to }, actor);
}

/** A predeploy command whose end was not waited for has failed, too. */
function stepsAt({ status, steps }: StoredDeploy, to: DeployStatus, now: number): readonly Step[] {
  if (status !== "predeploy" || to === "rolling_out") return steps;
  return steps.map((one) =>
    one.name === "predeploy" && one.state === "running"
      ? { ...one, state: "failed", durationMs: Math.max(0, now - one.startedAt) }
      : one,
  );
}

export function recipeOf(spec: NonNullable<ReturnType<WorkerParts["meta"]["get"]>>["spec"]) {
  const { repo, rootDir, buildCommand, predeployCommand, startCommand } = spec;
  const { stopSignal, stopGraceMs, mode } = spec;
  const { memoryBytes, cpus, pids, openFiles } = spec;
  const commands = { buildCommand, predeployCommand, startCommand };
  const limits = { memoryBytes, cpus, pids, openFiles };
  return { repo, rootDir, ...commands, stopSignal, stopGraceMs, mode, ...limits };
}

export function tellDeploy(parts: WorkerParts, deploy: StoredDeploy, actor?: string): void {
  const sentence = sentenceOf(deploy);
  const { number, release } = deploy;
  parts.timeline.add({
    kind: DEPLOY_EVENTS[deploy.status],
    message: `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`,
    deploy: number,
    ...(release === null ? {} : { release }),
    ...(actor === undefined ? {} : { actor }),
  });
  say(parts, [{ text: sentence, release }]);
}

function sentenceOf({ number, ref, reason, release, restores, status }: StoredDeploy): string {
  const why = reason ? `: ${reason}` : "";
  const back = restores === null ? "" : ` with what v${restores} is`;
  switch (status) {
    case "queued":
      return `deploy ${number} is queued`;
    case "predeploy":
      return `deploy ${number}: running the predeploy command of v${release}`;
    case "building":
      return `deploy ${number}: building ${ref ?? ""}`.trimEnd();
    case "rolling_out":
      return `deploy ${number}: rolling out v${release}${back}`;
    case "live":
      return `deploy ${number} is live (v${release}${back})`;
    case "failed":
      return `deploy ${number} failed${why}`;
    case "reverted":
      return `deploy ${number} was reverted${why}`;
    case "canceled":
      return `deploy ${number} was canceled${why}`;
    case "superseded":
      return `deploy ${number} was superseded${why}`;
    default:
      return unreachable(status);
  }
}
