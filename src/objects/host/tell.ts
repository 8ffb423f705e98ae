// Tells every worker with a reservation that the host is lost, or back, until each has answered.
import type { HostId, WorkerId } from "../../../protocol/ids.ts";
import type { HostStatus } from "../../../protocol/rest.ts";
import { workerObject } from "../../env.ts";
import type { Handler } from "../agenda.ts";
import type { HostParts } from "./parts.ts";

export function workersHere({ store }: HostParts): WorkerId[] {
  return [...new Set(store.reservations().map((one) => one.workerId))].sort();
}

export function tellLost(parts: HostParts): void {
  for (const workerId of workersHere(parts)) {
    parts.agenda.clear("returned", workerId);
    parts.agenda.set("lost", workerId, parts.rim.now());
  }
}

/**
 * Whoever confirms room here only now may not have known the host when its loss was told, and hears it again. While the
 * census is open nobody was told, and all will be.
 */
export function tellLostAgain({ agenda, rim, store }: HostParts, workerIds: Set<WorkerId>): void {
  const meta = store.meta();
  const isOpen = meta?.frozen === null && agenda.dueOf("census", "") !== null;
  if ((meta?.status !== "lost" || isOpen) && meta?.status !== "cloned") return;
  for (const workerId of workerIds) agenda.set("lost", workerId, rim.now());
}

/** Also takes back what was not yet said: whoever may have heard of the loss hears of the return. */
export function tellReturned(parts: HostParts): void {
  const { agenda, rim } = parts;
  const told = new Set([...workersHere(parts), ...agenda.keys("lost")]);
  for (const workerId of told) {
    agenda.clear("lost", workerId);
    agenda.set("returned", workerId, rim.now());
  }
}

const GONE = new Set<HostStatus>(["lost", "cloned", "removed"]);

/** Agenda `lost`: a thrown error means that it was not answered, and is tried again. */
export function lostHandler({ env, store }: HostParts): Handler {
  return async (workerId) => {
    const meta = store.meta();
    if (!meta || !GONE.has(meta.status)) return null;
    await workerObject(env, workerId).hostLost({
      hostId: meta.hostId,
      epoch: meta.epoch,
      lastHeardAt: meta.lastHeardAt ?? 0,
      removed: meta.status === "removed",
      frozen: meta.frozen,
    });
    return null;
  };
}

export function returnedHandler({ env, store }: HostParts): Handler {
  return async (workerId) => {
    const meta = store.meta();
    if (meta?.status !== "online") return null;
    const hostId: HostId = meta.hostId;
    await workerObject(env, workerId).hostReturned({ hostId, epoch: meta.epoch });
    return null;
  };
}
