// A host of this worker is being emptied: what follows for its instances is decided in domain/slots.ts.
//
// 1. An older wish than the one known is ignored; of the same one, that its deadline passed is the later word.
import type { WorkerObjectRpc } from "../../rpc.ts";
import type { WorkerParts } from "./parts.ts";

const SENTENCES = {
  moving: (name: string) => `Host ${name} is drained; instances move to other hosts.`,
  overdue: (name: string) =>
    `The deadline for draining host ${name} passed; what is left there stops.`,
  none: (name: string) => `Host ${name} is drained no more.`,
} as const;

export function onHostDraining(
  { hosts, instances, timeline }: WorkerParts,
  { drain, hostId, version }: Parameters<WorkerObjectRpc["hostDraining"]>[0],
): void {
  const host = hosts.get(hostId);
  if (!host || host.removed || version < host.drainVersion) return;
  const isRepeat = host.drain === drain;
  const isEarlier = version === host.drainVersion && host.drain === "overdue";
  if (isEarlier || (isRepeat && version === host.drainVersion)) return;
  hosts.update(hostId, { drain, drainVersion: version });
  if (isRepeat || instances.onHost(hostId).length === 0) return;
  timeline.add({ kind: "host_drained", message: SENTENCES[drain ?? "none"](host.name) });
}
