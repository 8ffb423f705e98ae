// Which exits are crashes.
import type { ExitReason } from "../../protocol/instance.ts";

const CRASHES = new Set<ExitReason>(["crash", "stalled", "unknown", "host_rebooted"]);

/** Any exit that nobody asked for, exit code 0 too. */
export function isCrash(reason: ExitReason): boolean {
  return CRASHES.has(reason);
}
