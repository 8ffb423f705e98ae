// The beginning and the end of a host.
import type { HostObjectRpc } from "../../rpc.ts";
import { changeWorkers } from "./channel.ts";
import type { HostParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";
import { tellLost } from "./tell.ts";

/** Known from now on; a repeat changes nothing. */
export function register(parts: HostParts, input: Parameters<HostObjectRpc["register"]>[0]): void {
  if (parts.store.meta()) return;
  parts.store.write({
    ...input,
    epoch: 0,
    nonce: null,
    acceptedAt: 0,
    status: "joining",
    lastHeardAt: null,
    termFrom: null,
    connected: false,
    revision: 0,
    projection: 0,
    projected: "",
    projectedAt: 0,
    lostAt: null,
    intentVersion: 0,
    cordoned: false,
    drainUntil: null,
    frozen: null,
    thawedByHand: false,
  });
  queueProjection(parts);
}

/** For good: its workers are told, its reservations end with it, and its agent is sent away. */
export function remove(parts: HostParts): void {
  const { sockets, store } = parts;
  const meta = store.meta();
  if (!meta || meta.status === "removed") return;
  tellLost(parts);
  changeWorkers(parts, () => store.dropAllReservations());
  store.update({ status: "removed", connected: false });
  for (const ws of sockets.open("host")) sockets.close(ws, "host_removed", "this host was removed");
  queueProjection(parts);
}
