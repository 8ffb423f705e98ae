// What a spec must not ask for here.
import { ProblemError } from "../../../protocol/problems.ts";
import { repoIsLocal } from "../../../protocol/spec.ts";
import type { Call } from "../call.ts";

export function checkAsked(call: Call, asked: { readonly repo?: string | undefined }): void {
  const localAllowed = call.env.COPPICE_ALLOW_LOCAL_REPOS === "1";
  if (asked.repo !== undefined && repoIsLocal(asked.repo) && !localAllowed) {
    throw new ProblemError(
      "local_repo_refused",
      "Only the operator of a control plane on their own machine can allow local repositories.",
      [{ path: "repo", message: "must be an https:// or ssh:// address" }],
    );
  }
}

export function nameTaken(name: string): ProblemError {
  return new ProblemError("name_taken", `A worker of this project is called ${name} already.`, [
    { path: "name", message: "is taken" },
  ]);
}
