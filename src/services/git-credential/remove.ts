// Forgets what opens a worker's private repository.
import { deleteCredential } from "../../db/git-credentials.ts";
import type { Admitted } from "../admit.ts";
import { auditRow } from "../note.ts";

export async function removeGitCredential(
  admitted: Admitted<"git-credential.change">,
): Promise<void> {
  const { call, project, worker } = admitted;
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: worker.row.id,
    detail: { kind: null },
  });
  await deleteCredential(call.db, worker.row.id, audit);
}
