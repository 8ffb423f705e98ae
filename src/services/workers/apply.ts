// Tells a worker's object its newest spec. It ignores older versions and repeats, so this may be called at any time;
// what does not get through is repeated by the sweep.
import { ProblemError } from "../../../protocol/problems.ts";
import { sealedCredentialFor } from "../../db/git-credentials.ts";
import { markApplied } from "../../db/projections.ts";
import type { ProjectRow } from "../../db/projects.ts";
import type { StoredWorker } from "../../db/workers.ts";
import type { Call } from "../call.ts";
import { snapshotEnv } from "../env/snapshot.ts";
import { tellTimeline } from "../env/tell.ts";
import { askWorker } from "../reach.ts";

/** Where somebody changed the variables since, so that they refer to nothing: the worker waits for a deploy, and says so. */
async function initialEnv(call: Call, project: ProjectRow, worker: StoredWorker) {
  try {
    return { env: await snapshotEnv(call, project, worker), refused: null };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "env_unresolved") throw error;
    return { env: null, refused: `The first deploy was not begun: ${error.message}` };
  }
}

/** Throws `unavailable` where the object could not be reached; the intent is in D1 all the same. */
export async function applyWorker(
  call: Call,
  input: { readonly project: ProjectRow; readonly worker: StoredWorker; readonly actor: string },
): Promise<void> {
  const { project, worker, actor } = input;
  const { row, spec } = worker;
  // Whoever has taken in a version has the initial deploy too: both are one transaction of the object.
  const deployId =
    row.appliedVersion === 0 && spec.wanted !== "deleted" ? row.initialDeployId : null;
  const { env, refused } = deployId
    ? await initialEnv(call, project, worker)
    : { env: null, refused: null };
  const { wrappedKey } = project;
  const initialDeploy =
    deployId && env
      ? {
          ...{ deployId, env },
          git: await sealedCredentialFor(call.db, {
            workerId: row.id,
            repo: spec.repo,
            wrappedKey,
          }),
        }
      : null;
  const { appliedVersion } = await askWorker(call, row.id, (stub) =>
    stub.apply({
      workerId: row.id,
      projectId: project.id,
      project: project.name,
      specVersion: row.specVersion,
      spec,
      actor,
      initialDeploy,
    }),
  );
  if (refused) await tellTimeline({ call, actor: { name: actor } }, worker, refused);
  call.later(markApplied(call.db, row.id, appliedVersion));
}
