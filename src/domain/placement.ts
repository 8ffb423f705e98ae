// Where an instance may go. The projection proposes, in this order; the HostObject alone admits.

export interface Candidate {
  readonly hostId: string;
  readonly used: number;
  readonly slots: number;
}

/**
 * Negative where `a` is better: fewest instances of this worker first, then the emptiest host, then by id so that
 * equal ones do not swap places. Hosts that look full come last: the projection may be old.
 */
function compare(a: Load, b: Load): number {
  const share = (one: Load) => (one.slots === 0 ? 1 : one.used / one.slots);
  const full = (one: Load) => (one.used >= one.slots ? 1 : 0);
  return (
    full(a) - full(b) || a.own - b.own || share(a) - share(b) || (a.hostId < b.hostId ? -1 : 1)
  );
}

interface Load extends Candidate {
  /** Instances of this worker. */
  readonly own: number;
}

function loadsOf(candidates: readonly Candidate[], ownByHost: ReadonlyMap<string, number>): Load[] {
  return candidates.map((one) => ({ ...one, own: ownByHost.get(one.hostId) ?? 0 }));
}

/** Candidates from best to worst. */
export function orderCandidates(
  candidates: readonly Candidate[],
  ownByHost: ReadonlyMap<string, number>,
): string[] {
  return loadsOf(candidates, ownByHost)
    .sort(compare)
    .map((one) => one.hostId);
}

/** A host for each of so many instances, as if they were placed one after the other. Empty without candidates. */
export function spread(
  candidates: readonly Candidate[],
  ownByHost: ReadonlyMap<string, number>,
  count: number,
): string[] {
  const loads = loadsOf(candidates, ownByHost);
  const homes: string[] = [];
  while (homes.length < count && loads.length > 0) {
    const best = loads.reduce((least, one, i) => (compare(one, loads[least]!) < 0 ? i : least), 0);
    const { own, used, ...host } = loads[best]!;
    loads[best] = { ...host, own: own + 1, used: used + 1 };
    homes.push(host.hostId);
  }
  return homes;
}

export type Admission =
  | { readonly ok: true; readonly known: boolean }
  | { readonly ok: false; readonly reason: "full" | "cordoned" | "offline" | "removed" };

export interface Room {
  readonly status: "joining" | "online" | "suspect" | "lost" | "cloned" | "removed";
  readonly cordoned: boolean;
  readonly slots: number;
  /** Keys that hold a slot. */
  readonly taken: ReadonlySet<string>;
}

/** Whether a host takes one more. Asking again for what it has is answered alike; a build takes no slot. */
export function admit(room: Room, key: string, kind: "instance" | "build"): Admission {
  if (room.status === "removed") return { ok: false, reason: "removed" };
  if (room.taken.has(key)) return { ok: true, known: true };
  if (room.status !== "online") return { ok: false, reason: "offline" };
  if (room.cordoned) return { ok: false, reason: "cordoned" };
  if (kind === "instance" && room.taken.size >= room.slots) return { ok: false, reason: "full" };
  return { ok: true, known: false };
}
