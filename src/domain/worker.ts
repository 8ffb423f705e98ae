// What a WorkerObject knows, as plain values: read from its store, handed to the decisions, never changed in place.
// Times are ms since the epoch by the object's own clock, unless a field says otherwise.
import type { BuildStep, JobOutcome } from "../../protocol/channel.ts";
import type { DeployId, HostId, InstanceId, JobId } from "../../protocol/ids.ts";
import type { DeployStatus, InstanceState, StopReason } from "../../protocol/instance.ts";
import type { MODES, WorkerSpec } from "../../protocol/spec.ts";

export type Mode = (typeof MODES)[number];

/** An instance that is not yet gone: it may run, or its end is not yet confirmed. */
export interface Instance {
  readonly id: InstanceId;
  readonly slot: number;
  readonly generation: number;
  /** Number of the deploy that put it there. */
  readonly deploy: number;
  readonly release: number;
  /** As its release has it. */
  readonly mode: Mode;
  /** Exclusive: it was granted a lease that may still run. Void once it is lost: by then the lease has ended. */
  readonly leased: boolean;
  /** Null until a host admitted it. */
  readonly hostId: HostId | null;
  readonly state: InstanceState;
  readonly attempt: number;
  readonly bootId: string | null;
  readonly pid: number | null;
  /** Of the present attempt, by the host's clock. */
  readonly startedAt: number | null;
  readonly restarts: number;
  readonly restartAt: number | null;
  readonly detail: string | null;
  readonly createdAt: number;
  readonly placedAt: number | null;
  /** When a process of it was first seen. */
  readonly firstRunningAt: number | null;
  /** When it first had survived its soak. */
  readonly healthyAt: number | null;
  /** Crashes before that. */
  readonly soakCrashes: number;
  /** The tombstone: set once, never taken back. */
  readonly stop: { readonly reason: StopReason; readonly why: string; readonly at: number } | null;
}

export type DeployKind = "deploy" | "rollback" | "restart";

/** A step of a deploy: those of its build, and its predeploy command. */
export interface Step extends Omit<BuildStep, "name"> {
  readonly name: BuildStep["name"] | "predeploy";
}

/** A command that runs once, in a release and on one host; no instance, and counted as none. */
export interface Job {
  readonly id: JobId;
  readonly generation: number;
  readonly deploy: number;
  readonly release: number;
  /** Null until a host admitted it; it never gets another one. */
  readonly hostId: HostId | null;
  /** The host said that it began. */
  readonly begun: boolean;
  readonly createdAt: number;
  readonly placedAt: number | null;
  /** The tombstone. */
  readonly stop: { readonly why: string; readonly at: number } | null;
  readonly graceMs: number;
  readonly outcome: JobOutcome | null;
  /** Its last lines, once it has ended. */
  readonly tail: readonly string[];
}

export interface Deploy {
  readonly id: DeployId;
  readonly number: number;
  readonly kind: DeployKind;
  readonly status: DeployStatus;
  readonly reason: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
  readonly commitMessage: string | null;
  /** Null until it is built; of a restart the live one, as it was when it was asked for and then when it begins. */
  readonly release: number | null;
  /** Its release was live before: no soak gate, all slots at once. */
  readonly proven: boolean;
  readonly steps: readonly Step[];
  readonly tail: readonly string[];
  readonly actor: string;
  readonly createdAt: number;
  /** When its present status began. */
  readonly statusAt: number;
  readonly buildHostId: HostId | null;
}

/** Which deploy fills the slots. `live` went through its soak; a first deploy that failed goes on trying unproven. */
export interface Base {
  readonly deploy: number;
  readonly release: number;
  readonly live: boolean;
}

export interface WorkerState {
  readonly spec: WorkerSpec;
  readonly specVersion: number;
  readonly base: Base | null;
  /** Those that have not ended, oldest first. */
  readonly deploys: readonly Deploy[];
  readonly instances: readonly Instance[];
  readonly jobs: readonly Job[];
  /** Numbers of the releases whose instances run under leases. */
  readonly exclusiveReleases: ReadonlySet<number>;
  /** Hosts that are silent at present, with when they were taken for lost: nothing there counts against a soak. */
  readonly silentHosts: ReadonlyMap<HostId, number>;
  /** Hosts that were lost together with many others: what they ran is not replaced for now. */
  readonly frozenHosts: ReadonlySet<HostId>;
  /** Hosts that are being emptied. `overdue`: what is there goes now, whether or not it has a successor. */
  readonly drainingHosts: ReadonlyMap<HostId, "moving" | "overdue">;
}

/** What is to be done, in order; printable as it stands. The object commits all of it in one transaction. */
export type Operation =
  | {
      readonly op: "create";
      readonly slot: number;
      readonly deploy: number;
      readonly release: number;
      readonly why: string;
    }
  /** Sets the tombstone. */
  | {
      readonly op: "stop";
      readonly instance: InstanceId;
      readonly reason: StopReason;
      readonly why: string;
    }
  /** It was never placed: nothing to stop anywhere. */
  | { readonly op: "discard"; readonly instance: InstanceId; readonly why: string }
  | {
      readonly op: "deploy";
      readonly number: number;
      readonly to: DeployStatus;
      readonly reason: string | null;
      /** What a restart repeats: decided when it begins, since a deploy before it may have gone live. */
      readonly repeats?: Base;
    }
  | { readonly op: "base"; readonly base: Base }
  /** Makes the predeploy job of a deploy. */
  | { readonly op: "job"; readonly deploy: number; readonly release: number }
  | { readonly op: "stop_job"; readonly job: JobId; readonly why: string }
  | { readonly op: "forget_job"; readonly job: JobId };

export interface Plan {
  readonly operations: readonly Operation[];
  /** When to decide again although nothing happened; null where only news can change the plan. */
  readonly wakeAt: number | null;
}

export const NO_ROOM_REASON = "no host had room in time";

const ENDED = ["live", "failed", "reverted", "canceled", "superseded"] as const;
type EndedStatus = (typeof ENDED)[number];
/** What a deploy goes through. */
export type Stage = Exclude<DeployStatus, EndedStatus>;

export function deployEnded(status: DeployStatus): status is EndedStatus {
  return (ENDED as readonly DeployStatus[]).includes(status);
}

/** How many slots should be filled. */
export function wantedCount(spec: WorkerSpec): number {
  return spec.wanted === "running" ? spec.instances : 0;
}

/** Occupies its slot: nobody asked it to stop, and it is not lost. */
export function occupies(instance: Instance): boolean {
  return instance.stop === null && instance.state !== "lost" && instance.state !== "stopped";
}

export function hasProcess(instance: Instance): boolean {
  return instance.state === "running" || instance.state === "healthy";
}
