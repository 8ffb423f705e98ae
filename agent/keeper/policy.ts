// What becomes of one instance when something happens: (life, event, context) -> next life and verdicts.
// Pure; the occupant carries the verdicts out.
//
// 1. An attempt number is given out once: each `start` verdict carries attempt + 1 and keeps it.
// 2. A start comes only after `emptied`: nothing of an old attempt runs beside a new one.
// 3. A stop wins over everything: from `stopping` or `stopped` no event leads to a start.
// 4. Any exit that nobody asked for restarts, for ever, but for what runs once: that is stopped by its first exit.
// 5. An exclusive instance starts only before its lease's `termAtMs`; there a running one is fenced: TERM to all, and
//    KILL to all at `killAtMs`, whatever its stop grace. Then it waits for its next lease, without a back-off.
// 6. A lease is only ever extended. Without one an exclusive attempt is treated as if its lease had just run out.
import type { ExitReason, StopReason } from "../../protocol/instance.ts";
import type { KeeperInstance, Lease } from "../../protocol/keeper.ts";
import { nextRestart, type RestartPolicy } from "../../protocol/policy.ts";
import { unreachable } from "./world.ts";

export type Phase =
  /** Nothing runs and nothing is due: the start waits for permission (a lease). */
  | { readonly kind: "waiting" }
  /** What an earlier attempt left behind is being removed; the start follows. */
  | { readonly kind: "clearing" }
  | { readonly kind: "running" }
  | { readonly kind: "backoff"; readonly dueMs: number }
  /** Its lease ran out. What comes of it is not decided by a renewal, only what follows it. */
  | { readonly kind: "fencing"; readonly alive: boolean; readonly killAtMs: number }
  /** `alive`: the attempt's own process is still there. Its descendants may outlive it until `killAtMs`. */
  | {
      readonly kind: "stopping";
      readonly reason: StopReason;
      readonly alive: boolean;
      readonly killAtMs: number;
      /** KILL was sent: what is left gets the next one at `killAtMs`, whatever the lease. */
      readonly killed: boolean;
    }
  | { readonly kind: "stopped"; readonly reason: StopReason };

export interface Life {
  /** The last attempt of this boot; 0 before the first. */
  readonly attempt: number;
  /** Restarts in a row without a long enough uptime between them. */
  readonly restarts: number;
  /** The last one granted in this boot, perhaps over by now; null before the first, and always where none is needed. */
  readonly lease: Lease | null;
  readonly phase: Phase;
}

export type Mode = KeeperInstance["mode"];

export type LifeEvent =
  | { readonly type: "wanted" }
  | { readonly type: "leased"; readonly lease: Lease }
  /** The attempt's own process ended. `seen`: we were its parent and know how. */
  | { readonly type: "exited"; readonly uptimeMs: number; readonly seen: boolean }
  /** No process of the instance is left. */
  | { readonly type: "emptied" }
  | { readonly type: "stop"; readonly reason: StopReason; readonly graceMs: number }
  | { readonly type: "tick" };

export type StartReason = "first_start" | "restart";

export type Verdict =
  | { readonly do: "start"; readonly attempt: number; readonly why: StartReason }
  /** Record how the attempt ended. */
  | {
      readonly do: "close";
      readonly reason: ExitReason;
      readonly restartInMs: number | null;
      readonly restarts: number;
    }
  /** KILL whatever is left; answer `emptied`. */
  | { readonly do: "clear" }
  /** Wait, without killing, until nothing is left; answer `emptied`. */
  | { readonly do: "watch" }
  /** Stop signal to all processes. */
  | { readonly do: "terminate" }
  /** KILL to all processes. */
  | { readonly do: "kill" };

export interface Context {
  readonly nowMs: number;
  readonly random: number;
  readonly restart: RestartPolicy;
  readonly mode: Mode;
  /** It has one attempt. */
  readonly once: boolean;
}

export interface Decision {
  readonly life: Life;
  readonly verdicts: readonly Verdict[];
}

/** A KILL that left something alive is repeated after this long. */
export const REKILL_MS = 1_000;

export const NEW_LIFE: Life = {
  attempt: 0,
  restarts: 0,
  lease: null,
  phase: { kind: "waiting" },
};

export function decide(life: Life, event: LifeEvent, context: Context): Decision {
  switch (event.type) {
    case "wanted":
      // Without a lease too: what an earlier attempt left behind is removed in any case.
      return life.phase.kind === "waiting" ? toClearing(life) : stay(life);
    case "leased":
      return leased(life, event.lease, context);
    case "exited":
      return exited(life, event, context);
    case "emptied":
      return emptied(life, context);
    case "stop":
      return stop(life, event, context);
    case "tick":
      return tick(life, context);
    default:
      return unreachable(event);
  }
}

/** When the life next needs a `tick`, on the monotonic clock; null where only events move it. */
export function wakeAtMs(life: Life, mode: Mode): number | null {
  const { phase } = life;
  switch (phase.kind) {
    case "backoff":
      return phase.dueMs;
    case "running":
      return mode === "exclusive" ? leaseOf(life).termAtMs : null;
    case "fencing":
      return phase.killAtMs;
    case "stopping":
      return mode === "available" || phase.killed
        ? phase.killAtMs
        : Math.min(phase.killAtMs, leaseOf(life).killAtMs);
    case "waiting":
    case "clearing":
    case "stopped":
      return null;
    default:
      return unreachable(phase);
  }
}

const NO_LEASE: Lease = { termAtMs: 0, killAtMs: 0 };

/** A late answer to an early request shortens nothing. */
export function extendLease(held: Lease | null, offered: Lease): Lease {
  if (held === null) return offered;
  return {
    termAtMs: Math.max(held.termAtMs, offered.termAtMs),
    killAtMs: Math.max(held.killAtMs, offered.killAtMs),
  };
}

function leaseOf(life: Life): Lease {
  return life.lease ?? NO_LEASE;
}

function mayStart(life: Life, { mode, nowMs }: Context): boolean {
  return mode === "available" || nowMs < leaseOf(life).termAtMs;
}

function leased(life: Life, offered: Lease, context: Context): Decision {
  if (context.mode === "available") return stay(life);
  const next = { ...life, lease: extendLease(life.lease, offered) };
  return next.phase.kind === "waiting" && mayStart(next, context) ? toClearing(next) : stay(next);
}

function exited(
  life: Life,
  event: { readonly uptimeMs: number; readonly seen: boolean },
  context: Context,
): Decision {
  const { phase } = life;
  if (phase.kind === "fencing" && phase.alive) {
    const { restarts } = life;
    const close = { do: "close", reason: "fenced", restartInMs: null, restarts } as const;
    return to(life, { ...phase, alive: false }, close, { do: "watch" });
  }
  if (phase.kind === "stopping" && phase.alive) {
    const close = { do: "close", reason: phase.reason, restartInMs: null } as const;
    const next = { ...life, restarts: 0, phase: { ...phase, alive: false } };
    return { life: next, verdicts: [{ ...close, restarts: 0 }, { do: "watch" }] };
  }
  if (phase.kind !== "running") return stay(life);
  if (context.once) {
    const reason = event.seen ? "crash" : "unknown";
    const close = { do: "close", reason, restartInMs: null, restarts: 0 } as const;
    return to(life, endedOnce(context.nowMs + REKILL_MS), close, { do: "clear" });
  }
  // Nobody saw this end, so nobody knows how long ago it was: no further delay.
  const verdict = nextRestart(context.restart, life, event.uptimeMs, context.random);
  const restartInMs = event.seen ? verdict.delayMs : 0;
  const { restarts } = verdict.next;
  const reason = event.seen ? "crash" : "unknown";
  const close = { do: "close", reason, restartInMs, restarts } as const;
  // Only the first restart in a row skips the event loop: a policy without delays must not starve the socket.
  const next: Phase =
    restartInMs === 0 && restarts === 1
      ? { kind: "clearing" }
      : { kind: "backoff", dueMs: context.nowMs + restartInMs };
  return { life: { ...life, restarts, phase: next }, verdicts: [close, { do: "clear" }] };
}

/** Its only attempt is over; what it left behind is being removed. */
export function endedOnce(killAtMs: number): Phase {
  return { kind: "stopping", reason: "stopped", alive: false, killAtMs, killed: true };
}

function emptied(life: Life, context: Context): Decision {
  const { phase } = life;
  if (phase.kind === "stopping" && !phase.alive) {
    return to(life, { kind: "stopped", reason: phase.reason });
  }
  if (phase.kind === "fencing" && !phase.alive) {
    return mayStart(life, context) ? toClearing(life) : to(life, { kind: "waiting" });
  }
  if (phase.kind !== "clearing") return stay(life);
  if (!mayStart(life, context)) return to(life, { kind: "waiting" });
  const attempt = life.attempt + 1;
  const why = life.attempt === 0 ? "first_start" : "restart";
  return {
    life: { ...life, attempt, phase: { kind: "running" } },
    verdicts: [{ do: "start", attempt, why }],
  };
}

function stop(
  life: Life,
  event: { readonly reason: StopReason; readonly graceMs: number },
  context: Context,
): Decision {
  const { phase } = life;
  const { reason } = event;
  const killAtMs = context.nowMs + event.graceMs;
  const next = { kind: "stopping", reason, killed: false } as const;
  switch (phase.kind) {
    case "running":
      return to(life, { ...next, alive: true, killAtMs }, { do: "terminate" });
    case "fencing": {
      // It has its signal already, and a stop's grace does not lengthen what is left of its lease.
      const { alive } = phase;
      return to(life, { ...next, alive, killAtMs: Math.min(killAtMs, phase.killAtMs) });
    }
    case "stopping":
      return killAtMs < phase.killAtMs ? to(life, { ...phase, killAtMs }) : stay(life);
    case "stopped":
      return stay(life);
    case "waiting":
    case "clearing":
    case "backoff": {
      const again = context.nowMs + REKILL_MS;
      const cleared = { ...next, alive: false, killAtMs: again, killed: true };
      return to({ ...life, restarts: 0 }, cleared, { do: "clear" });
    }
    default:
      return unreachable(phase);
  }
}

function tick(life: Life, context: Context): Decision {
  const due = wakeAtMs(life, context.mode);
  const { nowMs } = context;
  const { phase } = life;
  if (due === null || nowMs < due) return stay(life);
  const killAtMs = nowMs + REKILL_MS;
  switch (phase.kind) {
    case "running": {
      const lease = leaseOf(life);
      // A keeper that was held up, or knows of no lease, has no time left for a signal.
      if (nowMs >= lease.killAtMs)
        return to(life, { kind: "fencing", alive: true, killAtMs }, { do: "kill" });
      const fencing = { kind: "fencing", alive: true, killAtMs: lease.killAtMs } as const;
      return to(life, fencing, { do: "terminate" });
    }
    case "fencing":
      return to(life, { ...phase, killAtMs }, { do: "kill" });
    case "stopping":
      return to(life, { ...phase, killAtMs, killed: true }, { do: "kill" });
    case "backoff":
      return toClearing(life);
    case "waiting":
    case "clearing":
    case "stopped":
      return stay(life);
    default:
      return unreachable(phase);
  }
}

function toClearing(life: Life): Decision {
  return to(life, { kind: "clearing" }, { do: "clear" });
}

function stay(life: Life): Decision {
  return { life, verdicts: [] };
}

function to(life: Life, phase: Phase, ...verdicts: Verdict[]): Decision {
  return { life: { ...life, phase }, verdicts };
}
