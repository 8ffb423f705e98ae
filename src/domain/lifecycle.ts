// The one transition table of instances. Reports that would make a forbidden move are ignored;
// the diagram in docs/ARCHITECTURE.md is generated from this table and checked by a test.
import { INSTANCE_STATES, type InstanceState } from "../../protocol/instance.ts";

/**
 * `pending` waits for a host, `starting` for its first process. Anything placed may be `lost` with its host. It is
 * `unknown` from when the host is back until that has reported, and then whatever it reports. `stopped` is final.
 */
export const TRANSITIONS = {
  pending: ["starting", "stopped"],
  starting: ["running", "healthy", "backoff", "stopping", "stopped", "lost", "unknown"],
  running: ["starting", "healthy", "backoff", "stopping", "stopped", "lost", "unknown"],
  healthy: ["starting", "running", "backoff", "stopping", "stopped", "lost", "unknown"],
  backoff: ["starting", "running", "healthy", "stopping", "stopped", "lost", "unknown"],
  stopping: ["stopped", "lost", "unknown"],
  stopped: [],
  lost: ["starting", "running", "healthy", "backoff", "stopping", "stopped", "unknown"],
  unknown: ["starting", "running", "healthy", "backoff", "stopping", "stopped", "lost"],
} as const satisfies Record<InstanceState, readonly InstanceState[]>;

export function mayMove(from: InstanceState, to: InstanceState): boolean {
  return from === to || (TRANSITIONS[from] as readonly InstanceState[]).includes(to);
}

/** The table as a Mermaid state diagram, in the order of the words. */
export function lifecycleDiagram(): string {
  const arrows = INSTANCE_STATES.flatMap((from) =>
    TRANSITIONS[from].map((to) => `    ${from} --> ${to}`),
  );
  return ["stateDiagram-v2", "    [*] --> pending", ...arrows, "    stopped --> [*]"].join("\n");
}
