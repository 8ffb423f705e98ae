// The fence around an instance: everything it started can be found, signalled and killed.
// Two kinds: a cgroup for each instance (cgroup-fence.ts), or process groups and markers (best-effort-fence.ts).
import type { Containment } from "../../protocol/keeper.ts";
import type { Cancel } from "./world.ts";

/** An attempt's own process. `reaped`: the pid is no longer ours to signal. */
export interface Leader {
  readonly pid: number;
  readonly born: number;
  readonly reaped: boolean;
}

export interface Held {
  readonly instanceId: string;
  readonly leader: Leader | null;
}

export interface Fence {
  readonly kind: Containment;
  /** Takes in a process that we spawned this instant, and whatever it forked since. */
  readonly admit: (instanceId: string, pid: number) => void;
  readonly isEmpty: (instanceId: string, leader: Leader | null) => boolean;
  /** One signal to each process, never two. */
  readonly signal: (instanceId: string, leader: Leader | null, signal: NodeJS.Signals) => void;
  /** The processes of each, as far as they can be found. */
  readonly pids: (held: readonly Held[]) => number[][];
  readonly kill: (instanceId: string, leader: Leader | null) => void;
  /** Whether the kernel killed something of the instance for memory since the last call. */
  readonly tookOom: (instanceId: string) => boolean;
  /** Calls back when the instance's set of processes may have become empty. A hint, never the only one. */
  readonly watch: (instanceId: string, run: () => void) => Cancel;
  /** Lets go of an instance that has no process. */
  readonly release: (instanceId: string) => void;
  /** Kills what belongs to no instance of ours: interrupted spawns and forgotten instances. */
  readonly sweep: (known: ReadonlySet<string>) => void;
  /** The keeper ends; leaves no trace where nothing runs. */
  readonly close: () => void;
}
