// What the owner wants of the host: cordoned, or emptied by a deadline.
//
// 1. An older wish than the one in force is ignored; the sweep repeats the newest until it was taken in.
// 2. Every worker that holds room here is told of a drain, and of its end, until it has answered.
// 3. A drained host takes nothing new. By the deadline whoever is still here is told to stop.
import type { WorkerId } from "../../../protocol/ids.ts";
import { workerObject } from "../../env.ts";
import type { HostObjectRpc } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import type { HostParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";
import { announceRoom } from "./room.ts";
import { workersHere } from "./tell.ts";

export function setIntent(
  parts: HostParts,
  { cordoned, drainUntil, version }: Parameters<HostObjectRpc["setIntent"]>[0],
): void {
  const { agenda, store } = parts;
  const before = store.meta();
  if (!before || version <= before.intentVersion) return;
  store.update({ intentVersion: version, cordoned, drainUntil });
  if (before.drainUntil !== null || drainUntil !== null) tellDrain(parts);
  if (drainUntil === null) agenda.clear("deadline", "");
  else agenda.set("deadline", "", drainUntil);
  if (!takesNothing(parts)) announceRoom(parts);
  queueProjection(parts);
}

export function takesNothing({ store }: HostParts): boolean {
  const meta = store.meta();
  return meta !== null && (meta.cordoned || meta.drainUntil !== null);
}

function tellDrain(parts: HostParts): void {
  for (const workerId of workersHere(parts)) parts.agenda.set("drain", workerId, parts.rim.now());
}

export function drainNow({ rim, store }: HostParts): "moving" | "overdue" | null {
  const until = store.meta()?.drainUntil ?? null;
  if (until === null) return null;
  return until <= rim.now() ? "overdue" : "moving";
}

export function drainHandler(parts: HostParts): Handler {
  const { env, store } = parts;
  return async (workerId) => {
    const meta = store.meta();
    if (!meta || meta.status === "removed") return null;
    const { hostId, intentVersion: version } = meta;
    const drain = drainNow(parts);
    await workerObject(env, workerId as WorkerId).hostDraining({ hostId, version, drain });
    return null;
  };
}

export function deadlineHandler(parts: HostParts): Handler {
  return () => {
    tellDrain(parts);
    return null;
  };
}
