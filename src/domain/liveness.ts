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
 * `heardAt` is the last inbound message or heartbeat, or the object's own start where that is later:
 * an object that was away gives silence a fresh term. A verdict falls due at its limit, never late.
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
 * Whether a worker may take a host for lost. Two witnesses: its own channel may have heard later than the
 * HostObject did. `toleranceMs` covers the two kinds of heartbeat being out of step.
 */
export function confirmsLoss(
  own: { readonly heardAt: number | null },
  told: { readonly lastHeardAt: number },
  toleranceMs: number,
): boolean {
  return own.heardAt === null || own.heardAt <= told.lastHeardAt + toleranceMs;
}
