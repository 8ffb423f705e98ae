// One worker, with its status as its object knows it.
import type { WorkerView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { viewNow } from "./status.ts";

export async function getWorker(admitted: Admitted<"workers.read">): Promise<WorkerView> {
  return viewNow(admitted.call, admitted.worker);
}
