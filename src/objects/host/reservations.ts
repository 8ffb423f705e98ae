// Room on the host: reserved, confirmed, released, and audited where a worker forgot.
//
// 1. The sum is checked and the row written in one synchronous section; asking again changes nothing.
// 2. A worker is in the host's list once a reservation of it is confirmed: by then its object knows the host's key.
// 3. An unconfirmed reservation is older than `auditMs` before its worker is asked whether it holds it; it goes only
//    if it was neither confirmed nor asked for again while the worker thought.
import { admit, isWatched, type Size } from "../../domain/placement.ts";
import { workerObject } from "../../env.ts";
import type { Reservation, ReserveAnswer } from "../../rpc.ts";
import type { Handler } from "../agenda.ts";
import { changeWorkers } from "./channel.ts";
import { drainNow, takesNothing } from "./intent.ts";
import { statusNow } from "./liveness.ts";
import type { HostParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";
import { announceRoom } from "./room.ts";
import type { StoredReservation } from "./store.ts";
import { tellLostAgain } from "./tell.ts";

export function reserve(parts: HostParts, wanted: readonly Reservation[]): ReserveAnswer {
  const { agenda, rim, store } = parts;
  const meta = store.meta();
  if (!meta) return { admitted: [], refused: "offline", host: null };
  const all = store.reservations();
  const builds = new Set<string>(all.filter((one) => one.kind === "build").map((one) => one.key));
  const taken = new Map<string, Size>(
    all.filter((one) => one.kind === "instance").map((one) => [one.key, one]),
  );
  const { cpus, memoryBytes, slots } = meta.capacity;
  const place = { status: statusNow(parts), cordoned: takesNothing(parts) };
  const room = { ...place, slots, memoryBytes, cpus, taken };
  const admitted: string[] = [];
  let refused: ReserveAnswer["refused"] = null;
  for (const one of wanted) {
    const known = builds.has(one.key) && isWatched(room.status);
    const verdict = known ? ({ ok: true, known } as const) : admit(room, one);
    if (!verdict.ok) {
      refused = verdict.reason;
      continue;
    }
    admitted.push(one.key);
    if (one.kind === "instance") taken.set(one.key, one);
    if (verdict.known) store.renewReservation(one.key, rim.now());
    else store.addReservation(one, rim.now());
  }
  if (admitted.length === 0) return { admitted, refused, host: null };
  agenda.setBy("audit", "", rim.now() + rim.policy.objects.auditMs);
  queueProjection(parts);
  const { epoch, intentVersion, name, publicKey } = meta;
  const drain = drainNow(parts);
  return { admitted, refused, host: { epoch, publicKey, name, intentVersion, drain } };
}

/** Those of the keys that hold their room; one whose host was removed meanwhile holds none. */
export function confirm(parts: HostParts, keys: readonly string[]): string[] {
  changeWorkers(parts, () => {
    for (const key of keys) parts.store.confirm(key);
  });
  const held = keys.flatMap((key) => parts.store.reservation(key) ?? []);
  tellLostAgain(parts, new Set(held.map((one) => one.workerId)));
  return held.map((one) => one.key);
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

/** Neither confirmed nor asked for again since it was read. */
function isUntouched({ store }: HostParts, { createdAt, key }: StoredReservation): boolean {
  const now = store.reservation(key);
  return now !== null && !now.confirmed && now.createdAt === createdAt;
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
      const forgotten = group.filter((one) => !held.includes(one.key));
      release(
        parts,
        forgotten.filter((one) => isUntouched(parts, one)).map((one) => one.key),
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
