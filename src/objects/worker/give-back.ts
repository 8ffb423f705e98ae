// Room that is no longer wanted on a host: noted, and given back until its HostObject has answered.
import { reservationKey, type WorkerParts } from "./parts.ts";

export function giveBack(parts: WorkerParts, hostId: string, key: string): void {
  parts.agenda.clear("confirm", reservationKey(hostId, key));
  if (parts.hosts.get(hostId)?.removed) return;
  parts.agenda.set("release", reservationKey(hostId, key), parts.rim.now());
}
