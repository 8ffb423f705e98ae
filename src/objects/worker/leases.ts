// Leases of exclusive instances: asked for on the worker channel, decided in domain/lease.ts, answered at once.
//
// 1. Only here is a lease given, and only to the host that asks.
// 2. The first lease of an instance is a row before its answer leaves; a renewal is none.
// 3. Without a channel, a host was last heard when that ended; where a restart lost the channel, at the restart.
import type { Renew } from "../../../protocol/channel.ts";
import { grantLeases } from "../../domain/lease.ts";
import type { WorkerParts } from "./parts.ts";

export function onRenew(parts: WorkerParts, ws: WebSocket, { id, instances: asked }: Renew): void {
  const { hosts, instances, sockets } = parts;
  const { epoch, hostId } = sockets.read(ws);
  const host = hosts.get(hostId);
  if (!host || epoch === 0 || epoch < host.epoch || host.removed) {
    sockets.close(ws, "superseded", "say hello with the newest epoch first");
    return;
  }
  const question = { hostId: host.hostId, asked, instances: instances.all() };
  const granted = grantLeases(question);
  for (const one of granted) if (!one.leased) instances.write({ ...one, leased: true });
  sockets.send(ws, { type: "granted", id, instances: granted.map((one) => one.id) });
}

/** When this object heard the host last, over a channel that is there or one that ended. */
export function ownHeardAt({ hosts, sockets }: WorkerParts, hostId: string): number | null {
  const beats = sockets.greeted(hostId).map((ws) => sockets.heardAt(ws));
  const stored = hosts.get(hostId)?.heardAt ?? null;
  const known = stored === null ? beats : [...beats, stored];
  return known.length > 0 ? Math.max(...known) : null;
}

/** The channel said goodbye, or broke. */
export function noteClose(parts: WorkerParts, ws: WebSocket): void {
  const { hosts, sockets } = parts;
  const { epoch, hostId, role } = sockets.read(ws);
  if (role !== "host" || epoch === 0 || !hosts.get(hostId)?.connected) return;
  if (sockets.greeted(hostId).some((one) => one !== ws)) return;
  const heardAt = Math.max(sockets.heardAt(ws), hosts.get(hostId)?.heardAt ?? 0);
  hosts.update(hostId, { connected: false, heardAt });
}

/** Once per wake: channels that vanished with the memory were heard until now, for all anybody knows. */
export function noteRestart({ hosts, rim, sockets }: WorkerParts): void {
  const here = new Set(sockets.all("host").map((ws) => sockets.read(ws).hostId));
  for (const host of hosts.all()) {
    if (!host.connected || here.has(host.hostId)) continue;
    hosts.update(host.hostId, { connected: false, heardAt: rim.now() });
  }
}
