// When the host was heard last, and what that makes it now.
//
// 1. Heard is what its greeted channel heard last; without one, what was stored when it went.
// 2. A restart that lost the channel without a word gives silence a fresh term, once.
import type { HostStatus } from "../../../protocol/rest.ts";
import { judgeLiveness } from "../../domain/liveness.ts";
import type { HostParts } from "./parts.ts";

/** Once per wake: finds out whether a channel vanished with the memory. */
export function noteRestart({ rim, sockets, store }: HostParts): void {
  const meta = store.meta();
  const hasChannel = sockets.all("host").some((ws) => sockets.read(ws).epoch === meta?.epoch);
  if (!meta?.connected || hasChannel) return;
  store.update({ connected: false, lastHeardAt: rim.now() });
}

export function heardAt({ sockets, store }: HostParts): number | null {
  const beats = sockets.greeted().map((ws) => sockets.heardAt(ws));
  const stored = store.meta()?.lastHeardAt ?? null;
  const known = stored === null ? beats : [...beats, stored];
  return known.length > 0 ? Math.max(...known) : null;
}

/** The term that an alarm which came late gave to the silence that lasts still; null where it gave none. */
export function termOf(parts: HostParts): number | null {
  const termFrom = parts.store.meta()?.termFrom ?? null;
  return termFrom !== null && termFrom >= (heardAt(parts) ?? 0) ? termFrom : null;
}

/** From when its silence counts: when it was heard last, or a fresh term began. */
export function silentFrom(parts: HostParts): number | null {
  return termOf(parts) ?? heardAt(parts);
}

/** The status now; suspect is never stored, since nobody acts on it. */
export function statusNow(parts: HostParts): HostStatus {
  const meta = parts.store.meta();
  if (!meta) return "joining";
  if (meta.status !== "online") return meta.status;
  const from = silentFrom(parts);
  if (from === null) return "joining";
  return judgeLiveness(from, parts.rim.now(), parts.rim.policy.heartbeat).liveness;
}

/** The channel said goodbye, or broke. */
export function noteClose(parts: HostParts, ws: WebSocket): void {
  const { sockets, store } = parts;
  const meta = store.meta();
  const isCurrent = sockets.read(ws).epoch === meta?.epoch;
  const others = sockets.greeted().filter((one) => one !== ws);
  if (!meta?.connected || !isCurrent || others.length > 0) return;
  store.update({
    connected: false,
    lastHeardAt: Math.max(sockets.heardAt(ws), meta.lastHeardAt ?? 0),
  });
}
