// Deploys a branch or commit with the variables as they are now.

import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateDeploy, DeployView } from "../../../protocol/rest.ts";
import { branchSchema } from "../../../protocol/spec.ts";
import type { Admitted } from "../admit.ts";
import { snapshotEnv } from "../env/snapshot.ts";
import { type Seed, seededId } from "../seed.ts";
import { startDeploy } from "./start.ts";

export async function createDeploy(
  admitted: Admitted<"deploys.create">,
  input: CreateDeploy,
  seed: Seed,
): Promise<DeployView> {
  const { call, project, worker, actor } = admitted;
  const ref = input.ref ?? null;
  if (ref !== null && !branchSchema.safeParse(ref).success) {
    throw new ProblemError("invalid_request", "Name a branch or a full commit id.", [
      { path: "ref", message: "is neither a valid branch name nor a commit id" },
    ]);
  }
  return startDeploy(admitted, {
    deployId: seededId(seed, "deploy", 0),
    kind: "deploy",
    ref,
    env: await snapshotEnv(call, project, worker),
    actor: actor.name,
  });
}
