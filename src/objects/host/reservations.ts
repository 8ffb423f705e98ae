// Room on the host: reserved, confirmed, released, and audited where a worker forgot.
//
// 1. The sum is checked and the row written in one synchronous section; asking again changes nothing.
// 2. A worker is in the host's list once a reservation of it is confirmed: by then its object knows the host's key.
// 3. An unconfirmed reservation is older than `auditMs` before its worker is asked whether it holds it.
import { admit } from "../../domain/placement.ts";
import { workerObject } from "../../env.ts";
import type { Reservation, ReserveAnswer } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import { changeWorkers } from "./channel.ts";
import { statusNow } from "./liveness.ts";
import type { HostParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";
import { announceRoom } from "./room.ts";

export function reserve(parts: HostParts, wanted: Reservation): ReserveAnswer {
  const { agenda, rim, store } = parts;
  const meta = store.meta();
  if (!meta) return { ok: false, reason: "offline" };
  const all = store.reservations();
  const taken = new Set<string>(
    all.filter((one) => one.kind === "instance" || one.key === wanted.key).map((one) => one.key),
  );
  const room = { status: statusNow(parts), cordoned: false, slots: meta.capacity.slots, taken };
  const verdict = admit(room, wanted.key, wanted.kind);
  if (!verdict.ok) return verdict;
  if (!verdict.known) {
    store.addReservation(wanted, rim.now());
    agenda.setBy("audit", "", rim.now() + rim.policy.objects.auditMs);
    queueProjection(parts);
  }
  return { ok: true, epoch: meta.epoch, publicKey: meta.publicKey, name: meta.name };
}

export function confirm(parts: HostParts, keys: readonly string[]): void {
  changeWorkers(parts, () => {
    for (const key of keys) parts.store.confirm(key);
  });
}

export function release(parts: HostParts, keys: readonly string[]): void {
  const wasFull = isFull(parts);
  changeWorkers(parts, () => {
    for (const key of keys) parts.store.dropReservation(key);
  });
  if (wasFull && !isFull(parts)) announceRoom(parts);
  queueProjection(parts);
}

function isFull({ store }: HostParts): boolean {
  const used = store.reservations().filter((one) => one.kind === "instance").length;
  return used >= (store.meta()?.capacity.slots ?? 0);
}

/** Agenda `audit`: asks the workers of old unconfirmed reservations which they hold, and drops the others. */
export function auditHandler(parts: HostParts): Handler {
  const { env, rim, store } = parts;
  return async () => {
    const meta = store.meta();
    if (!meta) return null;
    const before = rim.now() - rim.policy.objects.auditMs;
    const open = store.reservations().filter((one) => !one.confirmed);
    const old = open.filter((one) => one.createdAt <= before);
    for (const [workerId, group] of Map.groupBy(old, (one) => one.workerId)) {
      const keys = group.map((one) => one.key);
      const held = await workerObject(env, workerId).holds({ hostId: meta.hostId, keys });
      confirm(parts, held);
      release(
        parts,
        keys.filter((key) => !held.includes(key)),
      );
    }
    const rest = store.reservations().filter((one) => !one.confirmed);
    const oldest = rest.reduce(
      (min, one) => Math.min(min, one.createdAt),
      Number.POSITIVE_INFINITY,
    );
    return rest.length > 0 ? Math.max(oldest + rim.policy.objects.auditMs, rim.now() + 1) : null;
  };
}
