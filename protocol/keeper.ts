// What agent and keeper say to each other: one JSON object per line over the unix socket `keeper.sock`
// in the state directory (0700). Plain types: the keeper has no dependencies.
//
// 1. The keeper is level-triggered: `ensure` and `stop` may be repeated at any time and change nothing then.
// 2. A stop mark is durable before `stop` is answered, and an instance that has one never starts again.
// 3. An exit is offered until `forget` names it; `remove` is refused while the instance still has a process.
// 4. An exclusive instance runs under a lease only: TERM where it ends, KILL a little later, then it waits for the next.
// 5. An instance with `once` has one attempt in its life, whatever becomes of it, of the keeper or of the host.
// 6. `shutdown` ends every process but leaves no stop mark: the next keeper starts the same instances again.
import type { AttemptKey, Exit, StopReason } from "./instance.ts";
import type { RestartPolicy } from "./policy.ts";

/** 2 brought leases, and `mode` and `fencing` in what is observed; 3 brought `once`. */
export const KEEPER_PROTOCOL = 3;
export const KEEPER_LEASES_SINCE = 2;
export const KEEPER_ONCE_SINCE = 3;
/** `only` of `shutdown`: one before may end everything at it. */
export const KEEPER_ONLY_SINCE = 3;

/** What an attempt may use, all its processes together; null: no limit of ours. */
export interface Limits {
  readonly memoryBytes: number | null;
  /** Cores. */
  readonly cpus: number | null;
  readonly pids: number | null;
  /** Of each process. */
  readonly openFiles: number | null;
}
export type LimitName = "memory" | "cpus" | "pids" | "openFiles";

/**
 * What holds a limit: the kernel by a cgroup of version 2 or 1 or by a process's own limits; the keeper by looking
 * now and then and killing; nothing.
 */
export const MECHANISMS = ["cgroup2", "cgroup1", "sampled", "rlimit", "none"] as const;
export type Mechanism = (typeof MECHANISMS)[number];
export type InForce = Readonly<Record<LimitName, Mechanism>>;

/** Whether a program can become another user by a setuid file: `inherited` and `setpriv` say how it can't. */
export type NoNewPrivs = "inherited" | "setpriv" | "none";

/** What this machine offers; absent from an older keeper. */
export interface KeeperHouse {
  readonly limits: InForce;
  readonly noNewPrivs: NoNewPrivs;
  /** Beside each of these directories, one a hierarchy, a cgroup of another purpose may be made. */
  readonly cgroups: {
    readonly cgroup2: string | null;
    readonly memory: string | null;
    readonly cpu: string | null;
    readonly pids: string | null;
  };
}

/**
 * All that the keeper needs to run one instance for ever, alone. Kept at `instances/<id>/instance.json`, 0600; one with
 * `once` at `job.json` instead, where a keeper that does not know of it finds nothing to start again and again.
 */
export interface KeeperInstance {
  readonly instanceId: string;
  readonly workerId: string;
  readonly slot: number;
  readonly generation: number;
  readonly release: number;
  /** Run as `/bin/sh -c command`. */
  readonly command: string;
  /** Absolute path of the release directory (with rootDir applied). */
  readonly cwd: string;
  /** The program's whole environment; nothing is added to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly stopSignal: "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";
  readonly graceMs: number;
  readonly restart: RestartPolicy;
  /** `available` starts by itself, also after a reboot. `exclusive` starts only under a lease. */
  readonly mode: "available" | "exclusive";
  /** Absent from an agent that knows of none. */
  readonly limits?: Limits;
  /** Whom it runs as; absent or null: as the keeper does. */
  readonly user?: { readonly uid: number; readonly gid: number } | null;
  /** It runs once, in that boot or never. Since protocol 3: an older keeper must not be given it. */
  readonly once?: { readonly bootId: string };
}

export type KeeperState =
  /** Known, no attempt yet (being spawned, or waiting for a lease). */
  | { readonly kind: "starting" }
  | {
      readonly kind: "running";
      readonly attempt: number;
      readonly pid: number;
      readonly startedAt: number;
      readonly uptimeMs: number;
      readonly adopted: boolean;
    }
  | { readonly kind: "backoff"; readonly attempt: number; readonly restartInMs: number }
  | {
      readonly kind: "stopping";
      readonly attempt: number;
      readonly pid: number | null;
      readonly reason: StopReason;
      /** Not for good: its lease ran out, and it starts again under the next one. */
      readonly fencing?: true;
    }
  | { readonly kind: "stopped"; readonly attempt: number; readonly reason: StopReason };

export interface KeeperObserved {
  readonly instanceId: string;
  readonly workerId: string;
  readonly slot: number;
  readonly generation: number;
  readonly release: number;
  /** Attempts of earlier boots do not count. */
  readonly attempt: number;
  /** Restarts in a row without a long enough uptime between them. */
  readonly restarts: number;
  readonly state: KeeperState;
  /** Absent from a keeper of protocol 1. */
  readonly mode?: KeeperInstance["mode"];
  /** Its first attempt is its last one. */
  readonly once?: true;
}

/** An exclusive instance may run until then; times are ms since the host's boot, what it slept included. */
export interface Lease {
  /** Its processes get their stop signal here, whatever the stop grace … */
  readonly termAtMs: number;
  /** … and KILL here. */
  readonly killAtMs: number;
}

/** As it is handed to the keeper: by CLOCK_MONOTONIC, and what the host had slept when the lease was asked for. */
export interface KeeperLease extends Lease {
  readonly instanceId: string;
  /** Absent from an agent that knows no sleep: then it has slept by now what it had slept then. */
  readonly sleptMs?: number;
}

/** `cgroup`: every descendant is found; `best_effort`: process groups and marked descendants only. */
export type Containment = "cgroup" | "best_effort";

export type ToKeeper =
  | { readonly type: "hello"; readonly protocol: number }
  | { readonly type: "ensure"; readonly id: number; readonly instance: KeeperInstance }
  | {
      readonly type: "stop";
      readonly id: number;
      readonly instanceId: string;
      readonly graceMs: number;
      readonly reason: StopReason;
    }
  | { readonly type: "forget"; readonly id: number; readonly exits: readonly AttemptKey[] }
  | { readonly type: "remove"; readonly id: number; readonly instanceId: string }
  /** Since protocol 2. Grants or extends, never shortens; one for an instance that the keeper lacks is ignored. */
  | { readonly type: "lease"; readonly id: number; readonly leases: readonly KeeperLease[] }
  /**
   * The host goes down, as wished: no new attempt starts, each process gets its signal and its own grace but at
   * most `graceMs`, then KILL. The exits are journaled as `stopped` without a restart time. `done` follows when
   * nothing runs any more; then the keeper ends by itself with code 0. The next one starts over, back-off at 0,
   * exclusive instances under a new lease only. With `only` (since protocol 3), those of the other mode run on without a
   * keeper.
   */
  | {
      readonly type: "shutdown";
      readonly id: number;
      readonly graceMs: number;
      readonly only?: KeeperInstance["mode"];
    };

export type FromKeeper =
  | {
      readonly type: "welcome";
      readonly protocol: number;
      readonly bootId: string;
      readonly pid: number;
      readonly containment: Containment;
      readonly house?: KeeperHouse;
      readonly instances: readonly KeeperObserved[];
      readonly exits: readonly Exit[];
    }
  | { readonly type: "instance"; readonly instance: KeeperObserved }
  | { readonly type: "removed"; readonly instanceId: string }
  | { readonly type: "exit"; readonly exit: Exit }
  | { readonly type: "done"; readonly id: number }
  | {
      readonly type: "failed";
      readonly id: number;
      readonly code: KeeperErrorCode;
      readonly message: string;
    };

export type KeeperErrorCode =
  | "malformed"
  | "unknown_instance"
  | "still_running"
  | "disk"
  /** It was to run once, and did, or may have. */
  | "over"
  | "protocol";

/** Where an attempt's output goes, relative to the state directory; the keeper creates it, the agent ships and deletes it. */
export function outputPath(key: AttemptKey, stream: "stdout" | "stderr"): string {
  return `instances/${key.instanceId}/${key.bootId}.${key.attempt}.${stream}`;
}
