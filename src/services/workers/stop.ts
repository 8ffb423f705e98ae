// Stops all instances of a worker and keeps everything else.
import type { WorkerView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { changeWorker } from "./change.ts";
import { viewNow } from "./status.ts";

export async function stopWorker(admitted: Admitted<"workers.stop">): Promise<WorkerView> {
  const change = { wanted: "stopped" } as const;
  return viewNow(admitted.call, await changeWorker(admitted, { expected: null, change }));
}
