// Whether a worker has a credential for its repository, and of which kind. One that was set for another server is none.
import type { GitCredentialView } from "../../../protocol/git-credential.ts";
import { credentialFor } from "../../db/git-credentials.ts";
import type { Admitted } from "../admit.ts";
import { iso } from "../views.ts";

export async function getGitCredential({
  call,
  worker,
}: Admitted<"git-credential.read">): Promise<GitCredentialView> {
  const row = await credentialFor(call.db, worker.row.id, worker.spec.repo);
  return { kind: row?.kind ?? null, updatedAt: row ? iso(row.updatedAt) : null };
}
