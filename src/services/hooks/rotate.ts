// Gives a hook another secret; the one before is worthless at once.
import { ProblemError } from "../../../protocol/problems.ts";
import type { NewHookView } from "../../../protocol/rest.ts";
import { hookOf, replaceSecret } from "../../db/hooks.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";
import { hookView, makeSecret } from "./view.ts";

export async function rotateHook(
  admitted: Admitted<"hooks.rotate">,
  id: string,
  origin: string,
): Promise<NewHookView> {
  const { call, project, worker } = admitted;
  const hook = await hookOf(call.db, worker.row.id, id);
  if (!hook) throw absent("hook");
  const secretVersion = hook.secretVersion + 1;
  const next = { id: hook.id, secretVersion };
  const { text, iv, ciphertext } = await makeSecret(call, project, next, null);
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: hook.id,
    detail: { worker: worker.row.id, secretVersion },
  });
  if (!(await replaceSecret(call.db, hook, { iv, ciphertext }, audit)))
    throw new ProblemError("conflict", "Somebody else gave it another secret just now.");
  return { ...hookView(hook, origin), secret: text };
}
