// Sets what opens a worker's private repository, in force with the next build. It is sealed before it is stored.
import type { GitCredential, GitCredentialView } from "../../../protocol/git-credential.ts";
import { ProblemError } from "../../../protocol/problems.ts";
import { repoIsLocal } from "../../../protocol/spec.ts";
import { credentialOf, sealCredential, setCredential } from "../../db/git-credentials.ts";
import type { Admitted } from "../admit.ts";
import { openKey } from "../env/keys.ts";
import { auditRow } from "../note.ts";
import { iso } from "../views.ts";

/** A token serves https, a key ssh: one that can't serve is a slip. */
function checkFits(repo: string, { kind }: GitCredential): void {
  const isHttps = repo.startsWith("https://");
  if (repoIsLocal(repo) || (kind === "token") === isHttps) return;
  const detail =
    kind === "token"
      ? "A token serves https:// addresses, and this repository's is none: set a deploy key."
      : "A deploy key serves ssh addresses, and this repository's is https://: set a token.";
  throw new ProblemError("invalid_request", detail, [{ path: "kind", message: "does not fit" }]);
}

export async function setGitCredential(
  admitted: Admitted<"git-credential.change">,
  credential: GitCredential,
): Promise<GitCredentialView> {
  const { call, project, worker } = admitted;
  const { repo } = worker.spec;
  checkFits(repo, credential);
  const workerId = worker.row.id;
  const { kind } = credential;
  const version = ((await credentialOf(call.db, workerId))?.version ?? 0) + 1;
  const dataKey = await openKey(call, project);
  const place = { projectId: project.id, workerId, version, repo };
  const sealed = await sealCredential(dataKey, place, credential);
  const audit = auditRow(admitted, { projectId: project.id, target: workerId, detail: { kind } });
  await setCredential(call.db, { workerId, version, kind, ...sealed, updatedAt: call.now }, audit);
  return { kind, updatedAt: iso(call.now) };
}
