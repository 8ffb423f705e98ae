// Ends a hook: calls to it are answered like calls to one that never was.
import { deleteHook, hookOf } from "../../db/hooks.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";

export async function revokeHook(admitted: Admitted<"hooks.revoke">, id: string): Promise<void> {
  const { call, project, worker } = admitted;
  const hook = await hookOf(call.db, worker.row.id, id);
  if (!hook) throw absent("hook");
  const detail = { worker: worker.row.id, kind: hook.kind };
  const audit = auditRow(admitted, { projectId: project.id, target: hook.id, detail });
  if (!(await deleteHook(call.db, hook.id, audit))) throw absent("hook");
}
