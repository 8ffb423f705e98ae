// Runs a stopped worker again.
import type { WorkerView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { changeWorker } from "./change.ts";
import { viewNow } from "./status.ts";

export async function startWorker(admitted: Admitted<"workers.start">): Promise<WorkerView> {
  const change = { wanted: "running" } as const;
  return viewNow(admitted.call, await changeWorker(admitted, { expected: null, change }));
}
