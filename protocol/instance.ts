// The words for an instance, its attempts and its exits. No dependency: the keeper loads this file.

export const INSTANCE_STATES = [
  "pending",
  "starting",
  "running",
  "healthy",
  "backoff",
  "stopping",
  "stopped",
  "lost",
  "unknown",
] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

export const EXIT_REASONS = [
  "crash",
  "stopped",
  "replaced",
  "fenced",
  "stalled",
  "host_rebooted",
  "unknown",
] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

/** Why somebody asked an instance to stop; it becomes the exit's reason. */
export const STOP_REASONS = ["stopped", "replaced", "fenced", "stalled"] as const;
export type StopReason = (typeof STOP_REASONS)[number];

export const WORKER_STATUSES = [
  "pending",
  "deploying",
  "running",
  "degraded",
  "crashlooping",
  "stopped",
  "unknown",
] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

export const DEPLOY_STATUSES = [
  "queued",
  "building",
  "predeploy",
  "rolling_out",
  "live",
  "failed",
  "reverted",
  "canceled",
  "superseded",
] as const;
export type DeployStatus = (typeof DEPLOY_STATUSES)[number];

/** An attempt is one process of an instance. `bootId` makes the key survive a host that lost its disk's tail. */
export interface AttemptKey {
  readonly instanceId: string;
  readonly bootId: string;
  readonly attempt: number;
}

export function attemptKey(key: AttemptKey): string {
  return `${key.instanceId}/${key.bootId}/${key.attempt}`;
}

/** How an attempt ended, as the keeper's journal has it. Times are the host's wall clock, durations monotonic. */
export interface Exit extends AttemptKey {
  readonly pid: number | null;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** ms since the epoch. */
  readonly exitedAt: number;
  readonly uptimeMs: number;
  readonly exitCode: number | null;
  /** "SIGKILL", …; null where the program exited by itself. */
  readonly signal: string | null;
  readonly oom: boolean;
  readonly reason: ExitReason;
  /** When the next attempt follows, ms from the exit; null where none does. */
  readonly restartInMs: number | null;
  /** How many earlier exits this record stands for, because the journal was full of unreported ones. 0 normally. */
  readonly collapsed: number;
  /** A sentence where the process could not be started at all, or its end could not be seen. */
  readonly detail: string | null;
}
