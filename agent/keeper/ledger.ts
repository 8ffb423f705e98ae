// What the journal says: the state that its records add up to. Pure.
//
// 1. `replay(snapshot(ledger))` is the ledger again.
// 2. An attempt number stands here before its process exists, so it is never given out twice in a boot.
// 3. Unreported exits are bounded by `collapse`, which counts what it folds together.
import {
  type AttemptKey,
  attemptKey,
  type Exit,
  type StopReason,
} from "../../protocol/instance.ts";
import type { Lease } from "../../protocol/keeper.ts";
import { extendLease } from "./policy.ts";

/** An attempt without a recorded end. `pid` is null between the intent to start and the spawn. */
export interface OpenAttempt {
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Monotonic ms of that boot. */
  readonly startedMs: number;
  readonly pid: number | null;
  /** Start time of the pid in clock ticks since boot, from /proc. */
  readonly born: number | null;
}

export interface StopMark {
  readonly reason: StopReason;
  /** Monotonic ms of `bootId`. */
  readonly killAtMs: number;
  readonly bootId: string;
  /** The stop signal was sent. */
  readonly signalled: boolean;
}

export interface LedgerEntry {
  readonly bootId: string;
  readonly attempt: number;
  readonly restarts: number;
  /** When the next attempt is due, monotonic ms of `bootId`; null where none is. */
  readonly dueMs: number | null;
  readonly open: OpenAttempt | null;
  readonly stop: StopMark | null;
  /** The last one granted; it counts in that boot only. */
  readonly lease: { readonly bootId: string; readonly lease: Lease } | null;
  /** The last attempt lost its lease: KILL to what is left of it then, monotonic ms of `bootId`. */
  readonly fencedUntilMs: number | null;
}

export interface Ledger {
  readonly entries: Map<string, LedgerEntry>;
  /** Unforgotten exits by `attemptKey`, oldest first. */
  readonly exits: Map<string, Exit>;
  /** Last attempts of removed instances, so that an id that returns goes on counting. The oldest go. */
  readonly gone: Map<string, { readonly bootId: string; readonly attempt: number }>;
}

export type JournalRecord =
  | {
      readonly t: "start";
      readonly key: AttemptKey;
      readonly at: number;
      readonly ms: number;
    }
  | { readonly t: "pid"; readonly id: string; readonly pid: number; readonly born: number }
  | {
      readonly t: "exit";
      readonly exit: Exit;
      readonly restarts: number;
      readonly dueMs: number | null;
    }
  | { readonly t: "stop"; readonly id: string; readonly stop: StopMark }
  | { readonly t: "signalled"; readonly id: string }
  | { readonly t: "forget"; readonly keys: readonly string[] }
  | { readonly t: "remove"; readonly id: string }
  /** One lease for all of these instances; the only record that need not reach the disk: a power loss ends them. */
  | {
      readonly t: "lease";
      readonly bootId: string;
      readonly lease: Lease;
      readonly ids: readonly string[];
    }
  | { readonly t: "fence"; readonly id: string; readonly killAtMs: number }
  /** The host goes down: the next start is not a restart, and needs a new lease. */
  | { readonly t: "fresh"; readonly id: string }
  | { readonly t: "entry"; readonly id: string; readonly entry: LedgerEntry }
  | { readonly t: "kept"; readonly exit: Exit }
  | { readonly t: "gone"; readonly id: string; readonly bootId: string; readonly attempt: number };

export const GONE_KEPT = 256;

export function emptyLedger(): Ledger {
  return { entries: new Map(), exits: new Map(), gone: new Map() };
}

const NO_ENTRY: LedgerEntry = {
  bootId: "",
  attempt: 0,
  restarts: 0,
  dueMs: null,
  open: null,
  stop: null,
  lease: null,
  fencedUntilMs: null,
};

/** Adds one record. Records about unknown instances make their entry: a journal is believed. */
export function apply(ledger: Ledger, record: JournalRecord): void {
  const { entries, exits } = ledger;
  switch (record.t) {
    case "start": {
      const { instanceId, bootId, attempt } = record.key;
      const open = { startedAt: record.at, startedMs: record.ms, pid: null, born: null };
      const entry = entries.get(instanceId) ?? NO_ENTRY;
      const restarts = entry.bootId === bootId ? entry.restarts : 0;
      const fresh = { dueMs: null, open, fencedUntilMs: null };
      entries.set(instanceId, { ...entry, bootId, attempt, restarts, ...fresh });
      break;
    }
    case "pid":
      change(ledger, record.id, (entry) =>
        entry.open === null
          ? entry
          : { ...entry, open: { ...entry.open, pid: record.pid, born: record.born } },
      );
      break;
    case "exit":
      exits.set(attemptKey(record.exit), record.exit);
      change(ledger, record.exit.instanceId, (entry) => ({
        ...entry,
        restarts: record.restarts,
        dueMs: record.dueMs,
        open: null,
      }));
      break;
    case "stop":
      change(ledger, record.id, (entry) => ({ ...entry, stop: record.stop }));
      break;
    case "signalled":
      change(ledger, record.id, (entry) =>
        entry.stop === null ? entry : { ...entry, stop: { ...entry.stop, signalled: true } },
      );
      break;
    case "forget":
      for (const key of record.keys) exits.delete(key);
      break;
    case "remove":
      remove(ledger, record.id);
      break;
    case "lease": {
      const { bootId } = record;
      for (const id of record.ids)
        change(ledger, id, (entry) => {
          const held = entry.lease?.bootId === bootId ? entry.lease.lease : null;
          return { ...entry, lease: { bootId, lease: extendLease(held, record.lease) } };
        });
      break;
    }
    case "fence":
      change(ledger, record.id, (entry) => ({ ...entry, fencedUntilMs: record.killAtMs }));
      break;
    case "fresh":
      change(ledger, record.id, (entry) => ({ ...entry, restarts: 0, dueMs: null, lease: null }));
      break;
    case "entry":
      // A journal of an earlier version lacks what it did not know.
      entries.set(record.id, { ...NO_ENTRY, ...record.entry });
      break;
    case "kept":
      exits.set(attemptKey(record.exit), record.exit);
      break;
    case "gone":
      ledger.gone.set(record.id, { bootId: record.bootId, attempt: record.attempt });
      break;
    default:
      // Of a newer keeper, which this one takes the place of again.
      record satisfies never;
  }
}

/** The records that rebuild the ledger. */
export function snapshot(ledger: Ledger): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const [id, last] of ledger.gone) records.push({ t: "gone", id, ...last });
  for (const [id, entry] of ledger.entries) records.push({ t: "entry", id, entry });
  for (const exit of ledger.exits.values()) records.push({ t: "kept", exit });
  return records;
}

/** The last attempt number that this boot gave to the instance; 0 where it gave none. */
export function lastAttempt(ledger: Ledger, instanceId: string, bootId: string): number {
  const known = ledger.entries.get(instanceId) ?? ledger.gone.get(instanceId);
  return known?.bootId === bootId ? known.attempt : 0;
}

/**
 * Folds the older half of the exits of the instance that has most into one that counts them.
 * Returns by how many exits the ledger shrank: 0 where no instance has two.
 */
export function collapse(ledger: Ledger): number {
  const byInstance = Map.groupBy(ledger.exits.values(), (exit) => exit.instanceId);
  let most: Exit[] = [];
  for (const exits of byInstance.values()) if (exits.length > most.length) most = exits;
  if (most.length < 2) return 0;
  const folded = most.slice(0, Math.max(2, Math.ceil(most.length / 2)));
  const last = folded[folded.length - 1]!;
  const collapsed = folded.reduce((sum, exit) => sum + exit.collapsed + 1, -1);
  for (const exit of folded) if (exit !== last) ledger.exits.delete(attemptKey(exit));
  // Setting an existing key keeps its place, so the order stays oldest first.
  ledger.exits.set(attemptKey(last), { ...last, collapsed });
  return folded.length - 1;
}

function change(ledger: Ledger, id: string, by: (entry: LedgerEntry) => LedgerEntry): void {
  ledger.entries.set(id, by(ledger.entries.get(id) ?? NO_ENTRY));
}

function remove(ledger: Ledger, id: string): void {
  const entry = ledger.entries.get(id);
  ledger.entries.delete(id);
  if (entry === undefined || entry.attempt === 0) return;
  ledger.gone.delete(id);
  ledger.gone.set(id, { bootId: entry.bootId, attempt: entry.attempt });
  for (const oldest of ledger.gone.keys()) {
    if (ledger.gone.size <= GONE_KEPT) break;
    ledger.gone.delete(oldest);
  }
}
