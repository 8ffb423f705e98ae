// How a keeper that has just started takes up an instance: from what its journal says and from whether
// the process of the last attempt is still there. Pure.
//
// 1. A process that lives on is adopted, never doubled; one that nobody can vouch for is cleared away.
// 2. Each attempt that was open gets exactly one end.
// 3. What runs once is never started in another boot, nor after its attempt began.
// 4. A lease counts in the boot in which it was granted only; an attempt that was being fenced goes on being fenced.
import type { Lease } from "../../protocol/keeper.ts";
import type { LedgerEntry, StopMark } from "./ledger.ts";
import { endedOnce, type Life, type LifeEvent, NEW_LIFE, type Phase } from "./policy.ts";

export type Recovery =
  /** Its process lives: watch it. `terminate`: it was being stopped and may not have been told. */
  | { readonly kind: "adopt"; readonly life: Life; readonly terminate: boolean }
  /** Its process ended, or was never seen: the event `exited` closes it. */
  | { readonly kind: "missed"; readonly life: Life; readonly detail: string }
  /** The host rebooted under it. */
  | { readonly kind: "rebooted"; readonly life: Life; readonly detail: string }
  /** No attempt was open. `event` sets it going; null where nothing is to be done. */
  | { readonly kind: "idle"; readonly life: Life; readonly event: LifeEvent | null };

export interface Situation {
  readonly bootId: string;
  /** The open attempt's pid runs, with the start time that the journal has. */
  readonly alive: boolean;
  /** Set where it has one attempt, and in which boot. */
  readonly once: { readonly bootId: string } | null;
}

const WHILE_AWAY = "It ended while no keeper was there to see it.";
const WHILE_STARTING = "The keeper ended while it was starting this attempt.";
const REBOOTED = "The host was restarted; the time is that of its boot.";

export function recover(entry: LedgerEntry | undefined, situation: Situation): Recovery {
  const { once } = situation;
  if (once !== null && once.bootId !== situation.bootId) return neverAgain(entry);
  if (entry === undefined) return { kind: "idle", life: NEW_LIFE, event: { type: "wanted" } };
  const lease = entry.lease?.bootId === situation.bootId ? entry.lease.lease : null;
  if (entry.bootId !== situation.bootId) return afterReboot(entry, lease);
  const { attempt, restarts, open, stop } = entry;
  if (open === null) {
    if (once !== null && attempt > 0 && stop === null)
      return { kind: "idle", life: { ...NEW_LIFE, attempt, phase: endedOnce(0) }, event: null };
    return idle(entry, lease);
  }
  const life = { attempt, restarts, lease, phase: phaseOf(entry) };
  if (open.pid === null) return { kind: "missed", life, detail: WHILE_STARTING };
  if (!situation.alive) return { kind: "missed", life, detail: WHILE_AWAY };
  return { kind: "adopt", life, terminate: stop !== null && !stop.signalled };
}

/** It was to run once, in an earlier boot. */
function neverAgain(entry: LedgerEntry | undefined): Recovery {
  const life: Life = { ...NEW_LIFE, phase: { kind: "stopped", reason: "stopped" } };
  if (entry?.open) return { kind: "rebooted", life, detail: REBOOTED };
  return { kind: "idle", life, event: null };
}

function phaseOf({ stop, fencedUntilMs }: LedgerEntry): Phase {
  if (stop !== null) return stopping(stop, true);
  if (fencedUntilMs === null) return { kind: "running" };
  return { kind: "fencing", alive: true, killAtMs: fencedUntilMs };
}

function stopping({ reason, killAtMs }: StopMark, alive: boolean): Phase {
  return { kind: "stopping", reason, alive, killAtMs, killed: false };
}

function idle(entry: LedgerEntry, lease: Lease | null): Recovery {
  const { attempt, restarts, dueMs, stop, fencedUntilMs } = entry;
  const of = (phase: Phase, event: LifeEvent | null): Recovery => {
    return { kind: "idle", life: { attempt, restarts, lease, phase }, event };
  };
  if (stop !== null) return of(stopping(stop, false), null);
  if (fencedUntilMs !== null)
    return of({ kind: "fencing", alive: false, killAtMs: fencedUntilMs }, null);
  if (dueMs === null) return of({ kind: "waiting" }, { type: "wanted" });
  return of({ kind: "backoff", dueMs }, { type: "tick" });
}

/** Also of an instance without an attempt, which may have its first lease already. */
function afterReboot(entry: LedgerEntry, lease: Lease | null): Recovery {
  const life: Life =
    entry.stop === null
      ? { ...NEW_LIFE, lease }
      : { ...NEW_LIFE, phase: { kind: "stopped", reason: entry.stop.reason } };
  if (entry.open !== null) return { kind: "rebooted", life, detail: REBOOTED };
  return { kind: "idle", life, event: entry.stop === null ? { type: "wanted" } : null };
}
