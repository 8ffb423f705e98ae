// Asks a worker's object for a deploy. The id is made here, so that a repeat is the same deploy.

import { ProblemError } from "../../../protocol/problems.ts";
import type { DeployView } from "../../../protocol/rest.ts";
import { sealedCredentialFor } from "../../db/git-credentials.ts";
import type { DeployInput, Refusal } from "../../rpc.ts";
import { askWorker } from "../reach.ts";
import { applyWorker } from "../workers/apply.ts";
import type { Changing } from "../workers/change.ts";

export function refused(refusal: Refusal): ProblemError {
  return new ProblemError(refusal.code, refusal.message);
}

/** Throws `unavailable`, `not_found` or `conflict`, the latter two in the object's own words. */
export async function startDeploy(
  changing: Pick<Changing, "call" | "project" | "worker"> & {
    readonly actor: { readonly name: string };
  },
  input: Omit<DeployInput, "git">,
): Promise<DeployView> {
  const { call, project, worker, actor } = changing;
  const { id, appliedVersion, specVersion } = worker.row;
  // The object has not heard of the newest spec yet: it must not deploy an older one.
  if (appliedVersion < specVersion) await applyWorker(call, { project, worker, actor: actor.name });
  const { wrappedKey } = project;
  const git =
    input.kind === "deploy"
      ? await sealedCredentialFor(call.db, { workerId: id, repo: worker.spec.repo, wrappedKey })
      : null;
  const answer = await askWorker(call, id, (stub) => stub.deploy({ ...input, git }));
  if (!answer.ok) throw refused(answer);
  return answer.deploy;
}
