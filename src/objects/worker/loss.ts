// A host fell silent, or came back: what that means for the instances there.
//
// 1. Two witnesses: where the own channel heard later than the HostObject did, the loss waits until it falls silent too.
// 2. A word about an older epoch is answered and ignored: the host connected since.
// 3. A removed host is the one that nothing waits for: its instances end with it, but for those that may still run
//    under a lease: they end when that has run out.
// 4. An alarm that comes late judges nobody, once: the object stood still, and may not have taken in what it was told. That
//    it gave that term is stored.
// 5. An exclusive instance is lost only once its lease has run out; then it has none.
import type { HostId } from "../../../protocol/ids.ts";
import { mayMove } from "../../domain/lifecycle.ts";
import { lossDueAt, mayJudge } from "../../domain/liveness.ts";
import type { Instance } from "../../domain/worker.ts";
import type { Frozen, WorkerObjectRpc } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import { forgetInstance } from "./commit.ts";
import type { StoredDeploy } from "./deploys.ts";
import { giveBack } from "./give-back.ts";
import type { KnownHost } from "./hosts.ts";
import { loseJob } from "./jobs.ts";
import { ownHeardAt } from "./leases.ts";
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
  parts.hosts.update(host.hostId, { toldHeardAt: told.lastHeardAt, epoch: told.epoch });
  noteFrozen(parts, host, told.frozen ?? null);
  judge(parts, host.hostId);
}

function noteFrozen(parts: WorkerParts, host: KnownHost, frozen: Frozen | null): void {
  if (host.frozen === (frozen !== null)) return;
  parts.hosts.update(host.hostId, { frozen: frozen !== null });
  const here = parts.instances.onHost(host.hostId).length;
  if (here === 0) return;
  const message = frozen
    ? `${frozen.gone} of ${frozen.of} hosts were lost at once: instances of host ${host.name} are not replaced for now.`
    : `Instances of host ${host.name} are replaced again.`;
  parts.timeline.add({ kind: frozen ? "replacement_frozen" : "replacement_thawed", message });
}

/** Some instance there may still run under a lease. */
function isLeased(instances: readonly Instance[]): boolean {
  return instances.some((one) => one.leased && one.state !== "lost");
}

function dueAt(parts: WorkerParts, hostId: HostId, toldHeardAt: number): number {
  const { instances, rim, sockets } = parts;
  const question = {
    toldHeardAt,
    ownHeardAt: ownHeardAt(parts, hostId),
    isConnected: sockets.greeted(hostId).length > 0,
    leased: isLeased(instances.onHost(hostId)),
  };
  return lossDueAt(question, rim.policy);
}

function judge(parts: WorkerParts, hostId: HostId): void {
  const { agenda, hosts, instances, rim } = parts;
  const host = hosts.get(hostId);
  if (!host || host.toldHeardAt === null) return;
  const standing = instances.onHost(hostId).filter((one) => mayMove(one.state, "lost"));
  if (host.silentAt !== null && standing.every((one) => one.state === "lost")) return;
  const due = dueAt(parts, hostId, host.toldHeardAt);
  if (due > rim.now()) agenda.set("silence", hostId, due);
  else declareLost(parts, host);
}

/** Its silence, as it lasts, was given a fresh term already. */
function isTermed(parts: WorkerParts, { hostId, termFrom }: KnownHost): boolean {
  return termFrom !== null && termFrom >= (ownHeardAt(parts, hostId) ?? 0);
}

/** Agenda `silence`: the own channel had been heard later, or a lease had to run out; how is it now? */
export function silenceHandler(parts: WorkerParts): Handler {
  const { agenda, hosts, rim } = parts;
  return (hostId, now) => {
    const due = agenda.dueOf("silence", hostId) ?? now;
    agenda.clear("silence", hostId);
    const host = hosts.get(hostId);
    const { heartbeat } = rim.policy;
    if (host && !host.removed && !isTermed(parts, host) && !mayJudge(due, now, heartbeat)) {
      hosts.update(hostId, { termFrom: now });
      agenda.set("silence", hostId, now + heartbeat.lostMs);
    } else if (host?.removed) atomically(parts, () => endInstances(parts, host));
    else judge(parts, hostId as HostId);
    return null;
  };
}

function declareLost(parts: WorkerParts, host: KnownHost): void {
  const { agenda, deploys, hosts, instances, rim, sockets, timeline } = parts;
  atomically(parts, () => {
    hosts.update(host.hostId, { silentAt: rim.now(), termFrom: null });
    agenda.clear("silence", host.hostId);
    const here = instances.onHost(host.hostId);
    for (const one of here) {
      if (mayMove(one.state, "lost"))
        instances.write({ ...one, state: "lost", leased: false, pid: null });
    }
    for (const one of deploys.active()) {
      if (isBuildingOn(one, host.hostId)) moveBuild(parts, one);
    }
    const message = `Host ${host.name} was lost; ${here.length} of this worker's instances ran there.`;
    if (here.length > 0) timeline.add({ kind: "host_lost", message });
  });
  // Should it live after all, it connects anew and reports.
  for (const ws of sockets.greeted(host.hostId))
    sockets.close(ws, "superseded", "this host was silent for too long; connect again");
}

export function isBuildingOn({ buildHostId, status }: StoredDeploy, hostId: HostId): boolean {
  return status === "building" && buildHostId === hostId;
}

/** Another host builds it from the beginning. */
export function moveBuild(parts: WorkerParts, deploy: StoredDeploy): void {
  if (deploy.buildHostId !== null) giveBack(parts, deploy.buildHostId, deploy.id);
  parts.deploys.write({ ...deploy, buildHostId: null, steps: [], statusAt: parts.rim.now() });
}

function removeHost(parts: WorkerParts, host: KnownHost): void {
  const { agenda, deploys, hosts, sockets, timeline } = parts;
  const { hostId, name } = host;
  atomically(parts, () => {
    const heardAt = ownHeardAt(parts, hostId);
    hosts.update(hostId, {
      ...{ removed: true, silentAt: null, toldHeardAt: null, strangers: [] },
      ...{ connected: false, heardAt, drain: null, frozen: false },
    });
    for (const kind of ["confirm", "release"] as const) {
      for (const key of agenda.keys(kind)) {
        if (key.startsWith(`${hostId} `)) agenda.clear(kind, key);
      }
    }
    for (const one of deploys.active()) {
      if (isBuildingOn(one, hostId)) moveBuild(parts, one);
    }
    const count = parts.instances.onHost(hostId).length;
    const message = `Host ${name} was removed; ${count} of this worker's instances ran there.`;
    if (count > 0) timeline.add({ kind: "host_lost", message });
    for (const job of parts.jobs.onHost(hostId)) loseJob(parts, job);
    endInstances(parts, host);
  });
  for (const ws of sockets.greeted(hostId))
    sockets.close(ws, "host_removed", "this host was removed");
}

/** Ends what a removed host ran; what holds a lease only once that has run out. */
function endInstances(parts: WorkerParts, { hostId }: KnownHost): void {
  const { agenda, instances, rim } = parts;
  const due = dueAt(parts, hostId, 0);
  for (const one of instances.onHost(hostId)) {
    if (one.leased && due > rim.now()) agenda.set("silence", hostId, due);
    else forgetInstance(parts, one);
  }
}

/**
 * It is back: its HostObject said so, or it spoke to this object; the report that follows says what still runs. Its own
 * word in the epoch in which it was lost proves only this channel: that falling silent, too, it is lost again.
 */
export function loseNoMore(
  parts: WorkerParts,
  hostId: string,
  epoch: number,
  proof: "host object" | "own channel",
): void {
  const { agenda, hosts, instances, rim, timeline } = parts;
  const host = hosts.get(hostId);
  if (!host || host.removed || epoch < host.epoch) return;
  if (host.silentAt === null && host.toldHeardAt === null) return;
  const stands = proof === "own channel" && epoch === host.epoch ? host.toldHeardAt : null;
  if (stands !== null && host.silentAt === null) return;
  hosts.update(hostId, {
    ...{ silentAt: null, toldHeardAt: stands, termFrom: null },
    ...{ frozen: false, epoch },
  });
  agenda.clear("silence", hostId);
  if (stands !== null) agenda.set("silence", hostId, rim.now() + rim.policy.heartbeat.lostMs);
  if (host.silentAt === null) return;
  const here = instances.onHost(hostId);
  // Neither lost nor running until it has said which: what has no successor yet gets none now.
  for (const one of here) if (one.state === "lost") instances.write({ ...one, state: "unknown" });
  const message = `Host ${host.name} is back.`;
  if (here.length > 0) timeline.add({ kind: "host_returned", message });
}
