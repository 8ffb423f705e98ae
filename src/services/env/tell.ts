// Tells the timeline of a worker that its variables are other ones; how many, never what.
import type { StoredWorker } from "../../db/workers.ts";
import type { Call } from "../call.ts";
import { askWorker } from "../reach.ts";
import { newId } from "../seed.ts";

export async function tellTimeline(
  by: { readonly call: Call; readonly actor: { readonly name: string } },
  worker: Pick<StoredWorker, "row">,
  message: string,
): Promise<void> {
  const { call, actor } = by;
  const eventId = newId(call, "event");
  await askWorker(call, worker.row.id, (stub) =>
    stub.note({ eventId, kind: "env_changed", actor: actor.name, message }),
  );
}
