// After a config was stored: a worker's object is told, its timeline too, and its deploy is begun where one is due.
import { ProblemError } from "../../../protocol/problems.ts";
import type { ConfigView } from "../../../protocol/rest.ts";
import { type StoredWorker, workerById } from "../../db/workers.ts";
import { startDeploy } from "../deploys/start.ts";
import { snapshotEnv } from "../env/snapshot.ts";
import { tellTimeline } from "../env/tell.ts";
import { orNull } from "../reach.ts";
import { type Seed, seededId } from "../seed.ts";
import { applyWorker } from "../workers/apply.ts";
import type { Applying, Step } from "./steps.ts";

const APPLY_WAIT_MS = 5_000;

export type Outcome = ConfigView["deploys"][number];

/** Tells the object of a worker what is stored, and begins its deploy where one is due. */
export async function finishStep(
  admitted: Applying,
  step: Step,
  input: { readonly seed: Seed; readonly id: StoredWorker["row"]["id"] },
): Promise<Outcome | null> {
  const { actor, call, project } = admitted;
  const { changed, created, envMessage, planned } = step;
  const { name } = planned.wanted;
  const worker = await workerById(call.db, input.id);
  if (!worker) return null;
  if (created || changed?.spec)
    await orNull(applyWorker(call, { project, worker, actor: actor.name }), APPLY_WAIT_MS);
  if (created)
    return created.row.initialDeployId ? { worker: name, number: 1, problem: null } : null;
  if (envMessage) call.later(tellTimeline(admitted, worker, envMessage));
  const due = planned.deploy === "now" || (planned.deploy === "if_env_differs" && envMessage);
  if (!due) return null;
  try {
    const { number } = await startDeploy(
      { ...admitted, worker },
      {
        ...{ deployId: seededId(input.seed, "deploy", 1), kind: "deploy", ref: null },
        ...{ env: await snapshotEnv(call, project, worker), actor: actor.name },
      },
    );
    return { worker: name, number, problem: null };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { worker: name, number: null, problem: error.message };
  }
}
