// A host fell silent, or came back: what that means for the instances there.
//
// 1. Two witnesses: where the own channel heard later than the HostObject did, the loss waits until it falls silent too.
// 2. A word about an older epoch is answered and ignored: the host connected since.
// 3. A removed host is the one that nothing waits for: its instances end with it.
import type { HostId } from "../../../protocol/ids.ts";
import { mayMove } from "../../domain/lifecycle.ts";
import { confirmsLoss } from "../../domain/liveness.ts";
import type { WorkerObjectRpc } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import { forgetInstance, giveBack } from "./commit.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { KnownHost } from "./hosts.ts";
import { atomically, type WorkerParts } from "./parts.ts";

export function onHostLost(
  parts: WorkerParts,
  told: Parameters<WorkerObjectRpc["hostLost"]>[0],
): void {
  const host = parts.hosts.get(told.hostId);
  if (!host || host.removed) return;
  if (told.removed) {
    removeHost(parts, host);
    return;
  }
  if (told.epoch < host.epoch) return;
  parts.hosts.update(host.hostId, { toldHeardAt: told.lastHeardAt });
  judge(parts, host.hostId);
}

function ownHeardAt({ sockets }: WorkerParts, hostId: string): number | null {
  const beats = sockets.greeted(hostId).map((ws) => sockets.heardAt(ws));
  return beats.length > 0 ? Math.max(...beats) : null;
}

/** Host heartbeats come each `hostPingMs`: a dead host's two channels may differ by one of them, and a little. */
function toleranceMs({ rim }: WorkerParts): number {
  return rim.policy.heartbeat.hostPingMs * 1.5;
}

function judge(parts: WorkerParts, hostId: HostId): void {
  const { agenda, hosts, rim } = parts;
  const host = hosts.get(hostId);
  if (!host || host.toldHeardAt === null || host.silentAt !== null) return;
  const heardAt = ownHeardAt(parts, hostId);
  const { lostMs } = rim.policy.heartbeat;
  const confirmed = confirmsLoss(
    { heardAt },
    { lastHeardAt: host.toldHeardAt },
    toleranceMs(parts),
  );
  if (!confirmed && heardAt !== null && heardAt + lostMs > rim.now()) {
    agenda.set("silence", hostId, heardAt + lostMs);
    return;
  }
  declareLost(parts, host);
}

/** Agenda `silence`: the own channel had been heard later; is it still? */
export function silenceHandler(parts: WorkerParts): Handler {
  return (hostId) => {
    parts.agenda.clear("silence", hostId);
    judge(parts, hostId as HostId);
    return null;
  };
}

function declareLost(parts: WorkerParts, host: KnownHost): void {
  const { agenda, deploys, hosts, instances, rim, sockets, timeline } = parts;
  atomically(parts, () => {
    hosts.update(host.hostId, { silentAt: rim.now() });
    agenda.clear("silence", host.hostId);
    const here = instances.onHost(host.hostId);
    for (const one of here) {
      if (mayMove(one.state, "lost")) instances.write({ ...one, state: "lost", pid: null });
    }
    for (const one of deploys.active()) {
      if (one.buildHostId === host.hostId) moveBuild(parts, one);
    }
    const message = `Host ${host.name} was lost; ${here.length} of this worker's instances ran there.`;
    if (here.length > 0) timeline.add({ kind: "host_lost", message });
  });
  // Should it live after all, it connects anew and reports.
  for (const ws of sockets.greeted(host.hostId))
    sockets.close(ws, "superseded", "this host was silent for too long; connect again");
}

/** Another host builds it from the beginning. */
function moveBuild(parts: WorkerParts, deploy: StoredDeploy): void {
  if (deploy.buildHostId !== null) giveBack(parts, deploy.buildHostId, deploy.id);
  parts.deploys.write({ ...deploy, buildHostId: null, steps: [], statusAt: parts.rim.now() });
}

function removeHost(parts: WorkerParts, host: KnownHost): void {
  const { agenda, deploys, hosts, instances, sockets, timeline } = parts;
  atomically(parts, () => {
    hosts.update(host.hostId, { removed: true, silentAt: null, toldHeardAt: null, strangers: [] });
    const here = instances.onHost(host.hostId);
    for (const one of here) forgetInstance(parts, one);
    for (const kind of ["confirm", "release"] as const) {
      for (const key of agenda.keys(kind)) {
        if (key.startsWith(`${host.hostId} `)) agenda.clear(kind, key);
      }
    }
    for (const one of deploys.active()) {
      if (one.buildHostId === host.hostId) moveBuild(parts, one);
    }
    const message = `Host ${host.name} was removed; ${here.length} of this worker's instances ran there.`;
    if (here.length > 0) timeline.add({ kind: "host_lost", message });
  });
  for (const ws of sockets.greeted(host.hostId))
    sockets.close(ws, "host_removed", "this host was removed");
}

/** Its HostObject heard it again, or it spoke to this object: the report that follows says what still runs. */
export function loseNoMore(parts: WorkerParts, hostId: string, epoch: number): void {
  const { agenda, hosts, timeline } = parts;
  const host = hosts.get(hostId);
  if (!host || host.removed || epoch < host.epoch) return;
  if (host.silentAt === null && host.toldHeardAt === null) return;
  hosts.update(hostId, { silentAt: null, toldHeardAt: null });
  agenda.clear("silence", hostId);
  if (host.silentAt === null) return;
  const message = `Host ${host.name} is back.`;
  if (parts.instances.onHost(hostId).length > 0) timeline.add({ kind: "host_returned", message });
}
