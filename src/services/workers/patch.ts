// Changes some fields of a worker's spec.
import type { WorkerView } from "../../../protocol/rest.ts";
import type { PatchWorker } from "../../../protocol/spec.ts";
import { envLayers } from "../../db/groups.ts";
import type { Admitted } from "../admit.ts";
import { checkGroups } from "../env/snapshot.ts";
import { changeWorker } from "./change.ts";
import { checkAsked } from "./rules.ts";
import { viewNow } from "./status.ts";

export async function patchWorker(
  admitted: Admitted<"workers.patch">,
  input: { readonly patch: PatchWorker; readonly expected: number | null },
): Promise<WorkerView> {
  const { call, project, worker: before } = admitted;
  checkAsked(call, input.patch);
  if (input.patch.groups) {
    const { groups } = input.patch;
    const place = { projectId: project.id, workerId: before.row.id, groups };
    checkGroups(groups, await envLayers(call.db, place));
  }
  const asked = Object.entries(input.patch).filter(([, value]) => value !== undefined);
  const worker = await changeWorker(admitted, {
    expected: input.expected,
    change: Object.fromEntries(asked),
  });
  return viewNow(admitted.call, worker);
}
