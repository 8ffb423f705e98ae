// Ends a worker for good: its name is free at once, its programs stop as soon as its hosts hear of it.

import type { WorkerView } from "../../../protocol/rest.ts";
import { deleteCredential } from "../../db/git-credentials.ts";
import { workerProjection } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { workerView } from "../views.ts";
import { changeWorker } from "./change.ts";

export async function deleteWorker(
  admitted: Admitted<"workers.delete">,
  input: { readonly expected: number | null },
): Promise<WorkerView> {
  const change = { wanted: "deleted" } as const;
  const worker = await changeWorker(admitted, { expected: input.expected, change });
  admitted.call.later(deleteCredential(admitted.call.db, worker.row.id, null));
  return workerView(worker, await workerProjection(admitted.call.db, worker.row.id));
}
