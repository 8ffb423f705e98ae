// What becomes of one instance when something happens: (life, event, context) -> next life and verdicts.
// Pure; the occupant carries the verdicts out.
//
// 1. An attempt number is given out once: each `start` verdict carries attempt + 1 and keeps it.
// 2. A start comes only after `emptied`: nothing of an old attempt runs beside a new one.
// 3. A stop wins over everything: from `stopping` or `stopped` no event leads to a start.
// 4. Any exit that nobody asked for restarts, for ever.
import type { ExitReason, StopReason } from "../../protocol/instance.ts";
import { nextRestart, type RestartPolicy } from "../../protocol/policy.ts";
import { unreachable } from "./world.ts";

export type Phase =
  /** Nothing runs and nothing is due: the start waits for permission (a lease). */
  | { readonly kind: "waiting" }
  /** What an earlier attempt left behind is being removed; the start follows. */
  | { readonly kind: "clearing" }
  | { readonly kind: "running" }
  | { readonly kind: "backoff"; readonly dueMs: number }
  /** `alive`: the attempt's own process is still there. Its descendants may outlive it until `killAtMs`. */
  | {
      readonly kind: "stopping";
      readonly reason: StopReason;
      readonly alive: boolean;
      readonly killAtMs: number;
    }
  | { readonly kind: "stopped"; readonly reason: StopReason };

export interface Life {
  /** The last attempt of this boot; 0 before the first. */
  readonly attempt: number;
  /** Restarts in a row without a long enough uptime between them. */
  readonly restarts: number;
  readonly phase: Phase;
}

export type LifeEvent =
  /** The instance is wanted; also sent when permission to start may have come. */
  | { readonly type: "wanted" }
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
  /** False while an exclusive instance has no lease. */
  readonly mayStart: boolean;
}

export interface Decision {
  readonly life: Life;
  readonly verdicts: readonly Verdict[];
}

/** A KILL that left something alive is repeated after this long. */
export const REKILL_MS = 1_000;

export const NEW_LIFE: Life = { attempt: 0, restarts: 0, phase: { kind: "waiting" } };

export function decide(life: Life, event: LifeEvent, context: Context): Decision {
  switch (event.type) {
    case "wanted":
      return life.phase.kind === "waiting" && context.mayStart
        ? to(life, { kind: "clearing" }, { do: "clear" })
        : stay(life);
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
export function wakeAtMs(life: Life): number | null {
  switch (life.phase.kind) {
    case "backoff":
      return life.phase.dueMs;
    case "stopping":
      return life.phase.killAtMs;
    default:
      return null;
  }
}

function exited(
  life: Life,
  event: { readonly uptimeMs: number; readonly seen: boolean },
  context: Context,
): Decision {
  const { phase } = life;
  if (phase.kind === "stopping" && phase.alive) {
    const close = { do: "close", reason: phase.reason, restartInMs: null } as const;
    const next = { ...life, restarts: 0, phase: { ...phase, alive: false } };
    return { life: next, verdicts: [{ ...close, restarts: 0 }, { do: "watch" }] };
  }
  if (phase.kind !== "running") return stay(life);
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

function emptied(life: Life, context: Context): Decision {
  const { phase } = life;
  if (phase.kind === "stopping" && !phase.alive) {
    return to(life, { kind: "stopped", reason: phase.reason });
  }
  if (phase.kind !== "clearing") return stay(life);
  if (!context.mayStart) return to(life, { kind: "waiting" });
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
  switch (phase.kind) {
    case "running":
      return to(life, { kind: "stopping", reason, alive: true, killAtMs }, { do: "terminate" });
    case "stopping":
      return killAtMs < phase.killAtMs ? to(life, { ...phase, killAtMs }) : stay(life);
    case "stopped":
      return stay(life);
    case "waiting":
    case "clearing":
    case "backoff": {
      const next = { kind: "stopping", reason, alive: false } as const;
      const again = context.nowMs + REKILL_MS;
      return to({ ...life, restarts: 0 }, { ...next, killAtMs: again }, { do: "clear" });
    }
    default:
      return unreachable(phase);
  }
}

function tick(life: Life, context: Context): Decision {
  const due = wakeAtMs(life);
  if (due === null || context.nowMs < due) return stay(life);
  if (life.phase.kind === "stopping") {
    return to(life, { ...life.phase, killAtMs: context.nowMs + REKILL_MS }, { do: "kill" });
  }
  return to(life, { kind: "clearing" }, { do: "clear" });
}

function stay(life: Life): Decision {
  return { life, verdicts: [] };
}

function to(life: Life, phase: Phase, ...verdicts: Verdict[]): Decision {
  return { life: { ...life, phase }, verdicts };
}
