// How a worker does now: its object is asked; where it does not answer soon, the projection tells what was known last.

import type { WorkerView } from "../../../protocol/rest.ts";
import { type StoredWorker, workerProjection } from "../../db/workers.ts";
import type { Call } from "../call.ts";
import { askWorker, orNull } from "../reach.ts";
import { workerView } from "../views.ts";

const WAIT_MS = 2_000;

export async function viewNow(call: Call, worker: StoredWorker): Promise<WorkerView> {
  const { id } = worker.row;
  const overview = await orNull(
    askWorker(call, id, (stub) => stub.overview()),
    WAIT_MS,
  );
  if (overview) return workerView(worker, { ...overview, at: call.now });
  return workerView(worker, await workerProjection(call.db, id));
}
