// Whether programs and builds can run as users of their own here, from what was found; and which numbers they get. Pure.
//
// 1. Numbers come from a range that no distribution gives out by itself, and a project keeps its own.
// 2. A build is another user than the program: what it starts can neither signal nor read what runs.

/** 500 pairs: an even number for programs, the odd one after it for builds. */
export const FIRST_UID = 58_000;
const PAIRS = 500;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface ProjectUsers {
  readonly program: User;
  readonly build: User;
}

export interface Standpoint {
  readonly uid: number;
  /** /proc/self/uid_map. */
  readonly uidMap: string;
  /** The line CapEff of /proc/self/status, in hexadecimal. */
  readonly capabilities: string;
  /** The first directory on the way to the state directory through which others may not pass. */
  readonly closed: string | null;
}

const CAPABILITIES = { CAP_CHOWN: 0n, CAP_KILL: 5n, CAP_SETGID: 6n, CAP_SETUID: 7n } as const;

/** Why programs run as the agent's own user; null where they need not. */
export function whyOwnUser({ uid, uidMap, capabilities, closed }: Standpoint): string | null {
  if (uid !== 0) return "the agent does not run as root";
  const has = BigInt(`0x${capabilities}`);
  const lacking = Object.entries(CAPABILITIES).find(([, bit]) => (has & (1n << bit)) === 0n);
  if (lacking) return `the agent lacks ${lacking[0]}`;
  const last = FIRST_UID + 2 * PAIRS - 1;
  const mapped = uidMap.split("\n").some((line) => {
    const [first = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return first <= FIRST_UID && last < first + count;
  });
  if (!mapped) return `the users ${FIRST_UID} to ${last} do not exist in this container`;
  if (closed !== null)
    return `${closed} is closed to other users, and the state directory is in it`;
  return null;
}

/** The pair of a project that has none yet: where `hash` says, or the next that nobody has. */
export function choosePair(hash: number, taken: ReadonlySet<number>): ProjectUsers | null {
  for (let step = 0; step < PAIRS; step++) {
    const uid = FIRST_UID + 2 * ((hash + step) % PAIRS);
    if (taken.has(uid) || taken.has(uid + 1)) continue;
    return { program: { uid, gid: uid }, build: { uid: uid + 1, gid: uid + 1 } };
  }
  return null;
}
