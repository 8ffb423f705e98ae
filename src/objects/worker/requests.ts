// What people ask of a worker: take in a spec, deploy, restart, cancel, note.
//
// 1. Each may be repeated: a version or an id made by the caller tells the repeat from a new wish.
// 2. An older spec than the one in force is ignored.
import type { DeployView } from "../../../protocol/rest.ts";
import type { WorkerSpec } from "../../../protocol/spec.ts";
import { deployEnded } from "../../domain/worker.ts";
import type { ApplyInput, DeployInput, Refusal, WorkerObjectRpc } from "../../rpc.ts";
import { changeDeploy, tellDeploy } from "./commit.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { WorkerParts } from "./parts.ts";
import type { NewEvent } from "./timeline.ts";
import { deployView } from "./views.ts";
import { announceState } from "./watch.ts";

export function apply(parts: WorkerParts, input: ApplyInput): number {
  const { meta, rim } = parts;
  const before = meta.get();
  if (!before || before.specVersion < input.specVersion) parts.haste.begin(rim.now());
  if (!before) {
    meta.write({
      workerId: input.workerId,
      projectId: input.projectId,
      project: input.project,
      specVersion: input.specVersion,
      spec: input.spec,
      base: null,
      nextGeneration: 1,
      createdAt: rim.now(),
      lastDeployAt: null,
      projection: 0,
      projected: "",
      projectedAt: 0,
      markedVersion: 0,
      placeDelayMs: rim.policy.objects.retryMs,
      deletedAt: null,
    });
    const message = `Worker ${input.spec.name} was created.`;
    parts.timeline.add({ kind: "worker_created", actor: input.actor, message });
  } else if (before.specVersion < input.specVersion && before.deletedAt === null) {
    meta.update({ specVersion: input.specVersion, spec: input.spec, project: input.project });
    for (const event of changesOf(before.spec, input.spec))
      parts.timeline.add({ ...event, actor: input.actor });
  } else if (before.specVersion >= input.specVersion) {
    // D1 may not know it, since it asks again.
    meta.update({ markedVersion: Math.min(before.markedVersion, input.specVersion - 1) });
  }
  const { actor, initialDeploy } = input;
  // Once: it came with the first spec that was taken in, whichever that was.
  if (initialDeploy && !before && input.spec.wanted !== "deleted")
    queueDeploy(parts, { ...initialDeploy, kind: "deploy", ref: null, actor });
  return meta.get()?.specVersion ?? input.specVersion;
}

function changesOf(before: WorkerSpec, after: WorkerSpec): NewEvent[] {
  const events: NewEvent[] = [];
  if (before.wanted !== after.wanted) {
    const kind = after.wanted === "running" ? "started" : after.wanted;
    events.push({ kind, message: `The worker was ${kind}.` });
  }
  if (before.instances !== after.instances) {
    const message = `Scaled from ${before.instances} to ${after.instances} instances.`;
    events.push({ kind: "scaled", message });
  }
  const keys = (Object.keys(after) as (keyof WorkerSpec)[]).filter(
    (key) =>
      key !== "wanted" &&
      key !== "instances" &&
      JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  if (keys.length > 0)
    events.push({ kind: "spec_changed", message: `Changed: ${keys.join(", ")}.` });
  return events;
}

function queueDeploy(parts: WorkerParts, input: DeployInput): StoredDeploy {
  const { deploys, meta, rim } = parts;
  const known = meta.get();
  const base = input.kind === "restart" ? (known?.base ?? null) : null;
  const release = base ? parts.releases.get(base.release) : null;
  const deploy: StoredDeploy = {
    id: input.deployId,
    number: deploys.nextNumber(),
    kind: input.kind,
    status: "queued",
    reason: null,
    ref: input.kind === "deploy" ? (input.ref ?? known?.spec.branch ?? null) : null,
    commit: release?.source.commit ?? null,
    commitMessage: release?.commitMessage ?? null,
    release: base?.release ?? null,
    proven: base?.live ?? false,
    steps: [],
    tail: [],
    actor: input.actor,
    createdAt: rim.now(),
    statusAt: rim.now(),
    endedAt: null,
    buildHostId: null,
    env: input.env,
    git: input.git,
    recipe: null,
    restores: null,
  };
  deploys.write(deploy);
  parts.haste.begin(rim.now());
  if (input.kind === "restart") {
    const message = `A restart of v${deploy.release} was asked for.`;
    parts.timeline.add({ kind: "restart_requested", message, actor: input.actor });
  }
  tellDeploy(parts, deploy, input.actor);
  return deploy;
}

export type DeployAnswer = { readonly ok: true; readonly deploy: DeployView } | Refusal;

export const GONE: Refusal = { ok: false, code: "not_found", message: "There is no such worker." };

export function deploy(parts: WorkerParts, input: DeployInput): DeployAnswer {
  const meta = parts.meta.get();
  if (!meta || meta.deletedAt !== null || meta.spec.wanted === "deleted") return GONE;
  const known = parts.deploys.byId(input.deployId);
  if (known) return { ok: true, deploy: deployView(known) };
  if (input.kind === "restart" && !meta.base) {
    const message = "Nothing was deployed yet, so there is nothing to restart.";
    return { ok: false, code: "conflict", message };
  }
  return { ok: true, deploy: deployView(queueDeploy(parts, input)) };
}

export function cancelDeploy(
  parts: WorkerParts,
  { actor, number }: Parameters<WorkerObjectRpc["cancelDeploy"]>[0],
): DeployAnswer {
  const deploy = parts.deploys.byNumber(number);
  if (!deploy) return { ok: false, code: "not_found", message: `There is no deploy ${number}.` };
  if (deploy.status === "canceled") return { ok: true, deploy: deployView(deploy) };
  if (deployEnded(deploy.status)) {
    const message = `Deploy ${number} is ${deploy.status} already.`;
    return { ok: false, code: "conflict", message };
  }
  parts.haste.begin(parts.rim.now());
  changeDeploy(parts, deploy, "canceled", { reason: `by ${actor}` }, actor);
  return { ok: true, deploy: deployView(parts.deploys.byNumber(number) ?? deploy) };
}

export function note(parts: WorkerParts, input: Parameters<WorkerObjectRpc["note"]>[0]): void {
  if (parts.meta.get()?.deletedAt !== null || parts.timeline.knowsEvent(input.eventId)) return;
  const { actor, eventId: id, kind, message } = input;
  parts.timeline.add({ id, kind, actor, message });
  announceState(parts);
}
