// Tells a worker's object its newest spec. It ignores older versions and repeats, so this may be called at any time;
// what does not get through is repeated by the sweep.
import { markApplied } from "../../db/projections.ts";
import type { ProjectRow } from "../../db/projects.ts";
import type { StoredWorker } from "../../db/workers.ts";
import type { Call } from "../call.ts";
import { snapshotEnv } from "../env/seal.ts";
import { askWorker } from "../reach.ts";

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
  const initialDeploy = deployId ? { deployId, env: await snapshotEnv(call, project, row) } : null;
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
  call.later(markApplied(call.db, row.id, appliedVersion));
}
