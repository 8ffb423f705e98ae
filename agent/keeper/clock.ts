// The clock of whatever lasts on a host. CLOCK_MONOTONIC stands still while the machine is suspended; a lease does not.
//
// 1. What the machine slept is the time since its boot (CLOCK_BOOTTIME, as /proc/uptime tells it, to 10 ms) less the
//    monotonic one. It only rises, in steps that can't be rounding.
// 2. /proc is read again once `LOOK_MS` passed: a suspension is known so much later at most, by the time that passes
//    while awake. A clock whose /proc can't be read counts no sleep.
import { read } from "./procfs.ts";

const LOOK_MS = 100;
/** Uptime is cut to 10 ms, and read a moment before or after the other clock. */
const STEP_MS = 50;

export interface Clock {
  /** ms since the boot, those included that the machine slept. */
  readonly nowMs: () => number;
  /** CLOCK_MONOTONIC, ms. */
  readonly monotonicMs: () => number;
  /** What the machine slept since its boot, ms. */
  readonly sleptMs: () => number;
}

export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

export function makeClock(
  uptimeMs: () => number | null,
  monotonic: () => number = monotonicMs,
): Clock {
  let slept = 0;
  let lookedMs = Number.NEGATIVE_INFINITY;
  const sleptAt = (awakeMs: number) => {
    if (awakeMs - lookedMs < LOOK_MS) return slept;
    lookedMs = awakeMs;
    const foundMs = (uptimeMs() ?? 0) - awakeMs;
    if (foundMs > slept + STEP_MS) slept = foundMs;
    return slept;
  };
  return {
    nowMs: () => {
      const awakeMs = monotonic();
      return awakeMs + sleptAt(awakeMs);
    },
    monotonicMs: monotonic,
    sleptMs: () => sleptAt(monotonic()),
  };
}

/** The first number of such a file, in ms; null where there is none. */
export function readUptimeMs(path = "/proc/uptime"): number | null {
  const seconds = Number.parseFloat(read(path) ?? "");
  return Number.isFinite(seconds) ? seconds * 1_000 : null;
}
