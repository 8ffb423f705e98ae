// Where an instance may go. The projection proposes, in this order; the HostObject alone admits.

export interface Candidate {
  readonly hostId: string;
  readonly used: number;
  readonly slots: number;
  /** Null where its owner named none. */
  readonly region: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Takes nothing new: cordoned or drained. */
  readonly cordoned: boolean;
  /** What no reservation holds, as last told. */
  readonly freeMemoryBytes: number;
  readonly freeCpus: number;
}

/** What an instance asks of its host. */
export interface Needs {
  /** 0 where nothing is to be set aside. */
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Labels that the host must have; `region` stands for its region. */
  readonly hosts: Readonly<Record<string, string>>;
}

export const NO_NEEDS: Needs = { memoryBytes: 0, cpus: 0, hosts: {} };

function matches({ labels, region }: Candidate, wanted: Needs["hosts"]): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    name === "region" ? region === value : labels[name] === value,
  );
}

/** Those on which the instance may run at all; the others are not asked. */
export function eligible(candidates: readonly Candidate[], { hosts }: Needs): Candidate[] {
  return candidates.filter((one) => !one.cordoned && matches(one, hosts));
}

/** Why nobody took it; a sentence for people. */
export function whyNoRoom(candidates: readonly Candidate[], needs: Needs): string {
  if (candidates.length === 0) return "no host is online in this project";
  const matching = candidates.filter((one) => matches(one, needs.hosts));
  if (matching.length === 0) {
    const asked = Object.entries(needs.hosts).map(([name, value]) => `${name}=${value}`);
    return `no host has ${asked.join(", ")}`;
  }
  const open = matching.filter((one) => !one.cordoned);
  if (open.length === 0) return "all hosts are cordoned";
  if (open.every((one) => one.freeMemoryBytes < needs.memoryBytes))
    return `no host has ${Math.ceil(needs.memoryBytes / 1_048_576)} MiB of memory to spare`;
  if (open.every((one) => one.freeCpus < needs.cpus))
    return `no host has ${needs.cpus} CPUs to spare`;
  return "no host has room";
}

/**
 * Negative where `a` is better: fewest instances of this worker on the host, then in its region, then the emptiest
 * host, then by id so that equal ones do not swap places. What looks full comes last: the projection may be old.
 */
function compare(a: Load, b: Load): number {
  const share = (one: Load) => (one.slots === 0 ? 1 : one.used / one.slots);
  const full = (one: Load) => (one.used >= one.slots || !one.fits ? 1 : 0);
  return (
    full(a) - full(b) ||
    a.own - b.own ||
    a.ownInRegion - b.ownInRegion ||
    share(a) - share(b) ||
    (a.hostId < b.hostId ? -1 : 1)
  );
}

interface Load extends Candidate {
  /** Instances of this worker. */
  readonly own: number;
  readonly ownInRegion: number;
  readonly fits: boolean;
}

function loadsOf(
  candidates: readonly Candidate[],
  ownByHost: ReadonlyMap<string, number>,
  needs: Needs,
): Load[] {
  const inRegion = new Map<string | null, number>();
  for (const { hostId, region } of candidates)
    inRegion.set(region, (inRegion.get(region) ?? 0) + (ownByHost.get(hostId) ?? 0));
  return candidates.map((one) => ({
    ...one,
    own: ownByHost.get(one.hostId) ?? 0,
    ownInRegion: inRegion.get(one.region) ?? 0,
    fits: one.freeMemoryBytes >= needs.memoryBytes && one.freeCpus >= needs.cpus,
  }));
}

/** Candidates from best to worst. */
export function orderCandidates(
  candidates: readonly Candidate[],
  ownByHost: ReadonlyMap<string, number>,
  needs: Needs = NO_NEEDS,
): string[] {
  return loadsOf(candidates, ownByHost, needs)
    .sort(compare)
    .map((one) => one.hostId);
}

/** Hosts with this label are there to build. */
export const BUILD_LABEL = "build";

/**
 * Hosts for a build, from best to worst: those that are labelled for it, then the one that built this worker last (its
 * caches are warm) unless it looks full, then the emptiest.
 */
export function orderBuilders(candidates: readonly Candidate[], last: string | null): string[] {
  const share = (one: Candidate) => (one.slots === 0 ? 1 : one.used / one.slots);
  const labelled = (one: Candidate) => (isBuilder(one) ? 0 : 1);
  const warm = (one: Candidate) => (one.hostId === last && one.used < one.slots ? 0 : 1);
  return [...candidates]
    .sort(
      (a, b) =>
        labelled(a) - labelled(b) ||
        warm(a) - warm(b) ||
        share(a) - share(b) ||
        b.freeMemoryBytes - a.freeMemoryBytes ||
        (a.hostId < b.hostId ? -1 : 1),
    )
    .map((one) => one.hostId);
}

function isBuilder({ labels }: Candidate): boolean {
  const value = Object.hasOwn(labels, BUILD_LABEL) ? labels[BUILD_LABEL] : undefined;
  return value !== undefined && !["0", "false", "no", "off"].includes(value.toLowerCase());
}

/** A host for each of so many instances, as if they were placed one after the other. Empty without candidates. */
export function spread(
  candidates: readonly Candidate[],
  ownByHost: ReadonlyMap<string, number>,
  { count, needs = NO_NEEDS }: { readonly count: number; readonly needs?: Needs },
): string[] {
  let loads = loadsOf(candidates, ownByHost, needs);
  const homes: string[] = [];
  while (homes.length < count && loads.length > 0) {
    const best = loads.reduce((least, one) => (compare(one, least) < 0 ? one : least));
    homes.push(best.hostId);
    loads = loads.map((one) => taking(one, best, needs));
  }
  return homes;
}

/** How a host looks once one more instance went to `home`. */
function taking(one: Load, home: Load, needs: Needs): Load {
  const ownInRegion = one.ownInRegion + (one.region === home.region ? 1 : 0);
  if (one !== home) return { ...one, ownInRegion };
  const freeMemoryBytes = one.freeMemoryBytes - needs.memoryBytes;
  const freeCpus = one.freeCpus - needs.cpus;
  const fits = freeMemoryBytes >= needs.memoryBytes && freeCpus >= needs.cpus;
  const { own, used } = one;
  return {
    ...one,
    own: own + 1,
    used: used + 1,
    ownInRegion,
    freeMemoryBytes,
    freeCpus,
    fits,
  };
}

export type NoRoom = "full" | "memory" | "cpu" | "cordoned" | "offline" | "removed";

export type Admission =
  | { readonly ok: true; readonly known: boolean }
  | { readonly ok: false; readonly reason: NoRoom };

export interface Room {
  readonly status: "joining" | "online" | "suspect" | "lost" | "cloned" | "removed";
  readonly cordoned: boolean;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** What holds a slot, by key. */
  readonly taken: ReadonlyMap<string, Size>;
}

export interface Size {
  readonly memoryBytes: number;
  readonly cpus: number;
}

export interface Ask extends Size {
  readonly key: string;
  readonly kind: "instance" | "build";
}

/** Sums of shares such as 0.1 are not exact. */
const EPSILON = 1e-9;

/** What is placed there now will be told of its loss; whoever is placed on a lost host waits for ever. */
export function isWatched(status: Room["status"]): boolean {
  return status === "online" || status === "suspect";
}

/**
 * Whether a host takes one more. Asking again for what it has is answered alike, while it is there; a build takes no slot.
 */
export function admit(room: Room, ask: Ask): Admission {
  if (room.status === "removed") return { ok: false, reason: "removed" };
  if (!isWatched(room.status)) return { ok: false, reason: "offline" };
  if (room.taken.has(ask.key)) return { ok: true, known: true };
  if (room.status !== "online") return { ok: false, reason: "offline" };
  if (room.cordoned) return { ok: false, reason: "cordoned" };
  if (ask.kind === "build") return { ok: true, known: false };
  if (room.taken.size >= room.slots) return { ok: false, reason: "full" };
  const held = sizeOf(room.taken.values());
  if (ask.memoryBytes > 0 && held.memoryBytes + ask.memoryBytes > room.memoryBytes)
    return { ok: false, reason: "memory" };
  if (ask.cpus > 0 && held.cpus + ask.cpus > room.cpus + EPSILON)
    return { ok: false, reason: "cpu" };
  return { ok: true, known: false };
}

export function sizeOf(sizes: Iterable<Size>): Size {
  let memoryBytes = 0;
  let cpus = 0;
  for (const one of sizes) {
    memoryBytes += one.memoryBytes;
    cpus += one.cpus;
  }
  return { memoryBytes, cpus };
}
