// Whether a host is there: judged from silence alone, since a cut link gives no event.
import type { Policy } from "../../protocol/policy.ts";

export type Liveness = "online" | "suspect" | "lost";

export interface LivenessVerdict {
  readonly liveness: Liveness;
  /** When to look again; null once the host is lost, since only its return is news. */
  readonly lookAt: number | null;
}

/** A heartbeat counts as missed after so many of its intervals. */
const MISSED = 1.5;

/**
 * `heardAt` is the last inbound message or heartbeat, or where that is later when an object that was away gave silence
 * a fresh term. A verdict falls due at its limit, never late.
 * People are told of a suspect host too, but a look for that alone is taken only where something is amiss already:
 * its channel is gone, or it missed a heartbeat. A healthy host is looked at no more often for it.
 */
export function judgeLiveness(
  heardAt: number,
  now: number,
  policy: Policy["heartbeat"],
  isConnected = true,
): LivenessVerdict {
  const silentMs = now - heardAt;
  if (silentMs >= policy.lostMs) return { liveness: "lost", lookAt: null };
  if (silentMs >= policy.suspectMs) return { liveness: "suspect", lookAt: heardAt + policy.lostMs };
  const isAmiss = !isConnected || silentMs > policy.hostPingMs * MISSED;
  return { liveness: "online", lookAt: heardAt + (isAmiss ? policy.suspectMs : policy.lostMs) };
}

/**
 * Whether a verdict that fell due at `dueAt` may be passed now. Whoever judges late may have slept through what it
 * should have heard, and gives silence a fresh term instead.
 */
export function mayJudge(dueAt: number, now: number, { lateMs }: Policy["heartbeat"]): boolean {
  return now - dueAt <= lateMs;
}

export interface LossQuestion {
  /** When the HostObject had heard the host last, by its own word. */
  readonly toldHeardAt: number;
  /** When this worker's own channel heard it last; null where it never did. */
  readonly ownHeardAt: number | null;
  /** The own channel is open as far as anybody knows. */
  readonly isConnected: boolean;
  /** Some instance there may hold a lease. */
  readonly leased: boolean;
}

/**
 * When a worker may take a host for lost that its HostObject took for lost, ms since the epoch; what lies behind is
 * now. Two witnesses: an own channel that heard it later than the HostObject did has to fall silent too. And a lease
 * has to run out: the keeper has ended its program `killMs` after the request that was heard at `ownHeardAt`.
 */
export function lossDueAt(
  { toldHeardAt, ownHeardAt, isConnected, leased }: LossQuestion,
  { heartbeat, lease }: Pick<Policy, "heartbeat" | "lease">,
): number {
  if (ownHeardAt === null) return toldHeardAt;
  const leaseMs = leased ? lease.replaceMs : 0;
  // The two kinds of heartbeat are out of step by one of them, and a little.
  const isLater = isConnected && ownHeardAt > toldHeardAt + heartbeat.hostPingMs * MISSED;
  return ownHeardAt + Math.max(leaseMs, isLater ? heartbeat.lostMs : 0);
}
