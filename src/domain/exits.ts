// Which exits are crashes, and how long something lasted, in words.
import type { ExitReason } from "../../protocol/instance.ts";

const CRASHES = new Set<ExitReason>(["crash", "stalled", "unknown", "host_rebooted"]);

/** Any exit that nobody asked for, exit code 0 too. */
export function isCrash(reason: ExitReason): boolean {
  return CRASHES.has(reason);
}

/** "340 ms", "12.3 s", "4 min", "2.5 h". */
export function seconds(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 360_000) / 10} h`;
}
