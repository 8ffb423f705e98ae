// Where an instance may go. The projection proposes, in this order; the HostObject alone admits.

export interface Candidate {
  readonly hostId: string;
  readonly used: number;
  readonly slots: number;
}

/**
 * Candidates from best to worst: fewest instances of this worker first, then the emptiest host, then by id so that
 * equal ones do not swap places. Hosts that look full come last: the projection may be old.
 */
export function orderCandidates(
  candidates: readonly Candidate[],
  ownByHost: ReadonlyMap<string, number>,
): string[] {
  const share = (one: Candidate) => (one.slots === 0 ? 1 : one.used / one.slots);
  const full = (one: Candidate) => (one.used >= one.slots ? 1 : 0);
  const own = (one: Candidate) => ownByHost.get(one.hostId) ?? 0;
  return [...candidates]
    .sort(
      (a, b) =>
        full(a) - full(b) ||
        own(a) - own(b) ||
        share(a) - share(b) ||
        (a.hostId < b.hostId ? -1 : 1),
    )
    .map((one) => one.hostId);
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
