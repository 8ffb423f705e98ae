// The messages between agent and objects: JSON text frames here, log frames binary (frame.ts).
// Two kinds of channel: one host channel to the HostObject, one worker channel to each WorkerObject.
//
// 1. `hello` comes first and carries the protocol version; N and N-1 are accepted, unknown fields ignored.
// 2. `desired` is complete for its host and has a revision; `report` is complete too. Lost and doubled ones heal.
// 3. Absence never stops a program: only an entry in `desired.stop` does (a tombstone), kept until the host confirmed it.
// 4. The heartbeat is the text PING, answered with PONG by the runtime without waking the object.
// 5. An exclusive instance runs only under a lease, and only the answer to a `renew` grants or extends one: it counts
//    from when the agent sent the `renew`, never from when the answer came. No other message starts such an instance.
import * as z from "zod";
import { Artifact } from "./artifact.ts";
import { GitCredential } from "./git-credential.ts";
import { EXIT_REASONS, INSTANCE_STATES, STOP_REASONS } from "./instance.ts";
import { MECHANISMS } from "./keeper.ts";
import { MODES, STOP_SIGNALS } from "./spec.ts";

/** 2 brought `renew` and `granted`, 3 `jobs`. */
export const CHANNEL_PROTOCOL = 3;
export const CHANNEL_LEASES_SINCE = 2;
export const CHANNEL_JOBS_SINCE = 3;
export const OLDEST_CHANNEL_PROTOCOL = 1;
/**
 * What both sides speak, from what the other side's `hello` says: its own version where that is the lower one.
 * Null where it is too old for us; whether we are too old for it, it judges from the `welcome`.
 */
export function agreeProtocol(theirs: number): number | null {
  return theirs < OLDEST_CHANNEL_PROTOCOL ? null : Math.min(theirs, CHANNEL_PROTOCOL);
}

export const PING = "ping";
export const PONG = "pong";

/** Close codes; 4xxx are ours. A `fatal` one is not tried again before somebody mended the cause. */
export const CLOSE_CODES = {
  malformed: { code: 4400, fatal: false },
  unauthorized: { code: 4401, fatal: false },
  host_removed: { code: 4403, fatal: true },
  not_here: { code: 4404, fatal: false },
  superseded: { code: 4409, fatal: false },
  host_cloned: { code: 4410, fatal: true },
  protocol: { code: 4426, fatal: true },
  internal: { code: 4500, fatal: false },
} as const satisfies Record<string, { code: number; fatal: boolean }>;
export type CloseReason = keyof typeof CLOSE_CODES;

/** Dates reach to 8.64e15. */
export const MOST_MS = 4.32e15;

const count = z.int().min(0);
/** A time or a duration; so large at most that two of them together are still a date. */
const ms = z.number().min(-MOST_MS).max(MOST_MS);

export const Capacity = z.object({
  /** Instances that the host takes at most. */
  slots: count,
  memoryBytes: count,
  cpus: z.number().min(0),
});
export type Capacity = z.infer<typeof Capacity>;

/** What holds each limit on a host, and whom programs run as there: `project` is an unprivileged user per project. */
export const HostHolds = z.object({
  memory: z.enum(MECHANISMS),
  cpus: z.enum(MECHANISMS),
  pids: z.enum(MECHANISMS),
  openFiles: z.enum(MECHANISMS),
  user: z.enum(["project", "agent"]),
});
export type HostHolds = z.infer<typeof HostHolds>;

export const HostFacts = z.object({
  agentVersion: z.string().max(64),
  os: z.string().max(64),
  arch: z.string().max(32),
  containment: z.enum(["cgroup", "best_effort"]),
  /** Absent from an agent that knows of no limits: it holds none. */
  holds: HostHolds.optional(),
});
export type HostFacts = z.infer<typeof HostFacts>;

// ---- host channel ----

export const HostHello = z.object({
  type: z.literal("hello"),
  protocol: z.int(),
  hostId: z.string(),
  /** The last epoch this host was granted, 0 at first: compare-and-swap. */
  epoch: count,
  /** Made and stored before this try, kept until a `welcome` came: a lost answer is no clone. */
  nonce: z.string().min(16).max(64),
  bootId: z.string().max(64),
  capacity: Capacity,
  facts: HostFacts,
});
export type HostHello = z.infer<typeof HostHello>;

export const Suggestion = z.object({
  /** The file that it was read from. */
  source: z.string().max(255),
  startCommand: z.string().min(1).max(2_000),
  buildCommand: z.string().min(1).max(2_000).nullable(),
});
export type Suggestion = z.infer<typeof Suggestion>;

/** The answer to `inspect`, with its id. */
export const Inspected = z.object({
  type: z.literal("inspected"),
  id: z.string().max(64),
  readable: z.boolean(),
  branches: z.array(z.string().max(255)).max(1_000),
  defaultBranch: z.string().max(255).nullable(),
  suggestions: z.array(Suggestion).max(20),
  /** Why it could not be read, or why there are no suggestions; for people. */
  reason: z.string().max(2_000).nullable(),
});
export type Inspected = z.infer<typeof Inspected>;

export const HostToObject = z.discriminatedUnion("type", [HostHello, Inspected]);
export type HostToObject = z.infer<typeof HostToObject>;

/** Somebody wants to make a worker of that repository: look into it. */
export const Inspect = z.object({
  type: z.literal("inspect"),
  id: z.string().max(64),
  repo: z.string(),
  /** Null for the default branch. */
  branch: z.string().nullable(),
  rootDir: z.string(),
  allowLocalRepo: z.boolean(),
});
export type Inspect = z.infer<typeof Inspect>;

export const ObjectToHost = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome"), protocol: z.int(), epoch: count, policy: z.unknown() }),
  /** All workers to which this host should hold a channel. A worker that still has instances here keeps its channel. */
  z.object({ type: z.literal("workers"), revision: count, workers: z.array(z.string()) }),
  Inspect,
  z.object({ type: z.literal("refused"), reason: z.string(), message: z.string() }),
]);
export type ObjectToHost = z.infer<typeof ObjectToHost>;

// ---- worker channel ----

/** Where a release's files come from. `commit` is a full object id. */
export const Source = z.object({
  repo: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40,64}$/),
  rootDir: z.string(),
  buildCommand: z.string().nullable(),
});
export type Source = z.infer<typeof Source>;

export const Build = z.object({
  deployId: z.string(),
  number: count,
  repo: z.string(),
  /** A branch, or a full commit id. */
  ref: z.string(),
  rootDir: z.string(),
  buildCommand: z.string().nullable(),
  /** Variables of the build command: the worker's own. */
  env: z.record(z.string(), z.string()),
  /** Names of those that are no secrets; none where the sender does not know. */
  plain: z.array(z.string()).optional(),
  allowLocalRepo: z.boolean(),
  deadlineMs: ms,
  /** Opens the repository; for this build alone. */
  git: GitCredential.nullish(),
  /** Artifacts are stored: the build is done once its tree is packed and uploaded. */
  pack: z.boolean().optional(),
});
export type Build = z.infer<typeof Build>;

/** Null: no limit. */
export const ReleaseLimits = z.object({
  memoryBytes: count.nullable(),
  cpus: z.number().min(0).nullable(),
  pids: count.nullable(),
  openFiles: count.nullable(),
});
export type ReleaseLimits = z.infer<typeof ReleaseLimits>;

export const DesiredRelease = z.object({
  number: count,
  source: Source,
  /** `sha256:…` of the built tree, in a reproducible order. */
  digest: z.string(),
  /** Its packed tree; without one a host makes the tree from the source. */
  artifact: Artifact.nullish(),
  startCommand: z.string(),
  stopSignal: z.enum(STOP_SIGNALS),
  stopGraceMs: ms,
  mode: z.enum(MODES),
  /** Absent from a control plane that knows of none. */
  limits: ReleaseLimits.optional(),
  env: z.record(z.string(), z.string()),
  /** Names of those that are no secrets; none where the sender does not know. */
  plain: z.array(z.string()).optional(),
  allowLocalRepo: z.boolean(),
});
export type DesiredRelease = z.infer<typeof DesiredRelease>;

export const DesiredInstance = z.object({
  instanceId: z.string(),
  slot: count,
  generation: count,
  release: count,
});
export type DesiredInstance = z.infer<typeof DesiredInstance>;

/**
 * A command that runs once in a release: no instance, and counted as none. Asked to stop by a tombstone of its id.
 */
export const DesiredJob = z.object({
  jobId: z.string(),
  generation: count,
  release: count,
  /** What it is for: `predeploy`. */
  kind: z.string().max(32),
  command: z.string(),
  /** The host said that it began: it is never begun again, whatever the host knows of it by now. */
  begun: z.boolean(),
});
export type DesiredJob = z.infer<typeof DesiredJob>;

export const Tombstone = z.object({
  instanceId: z.string(),
  reason: z.enum(STOP_REASONS),
  graceMs: ms,
});
export type Tombstone = z.infer<typeof Tombstone>;

export const Desired = z.object({
  type: z.literal("desired"),
  revision: count,
  projectId: z.string(),
  project: z.string(),
  worker: z.string(),
  releases: z.array(DesiredRelease),
  run: z.array(DesiredInstance),
  stop: z.array(Tombstone),
  /** Builds this host should do; one that is missing is canceled. */
  builds: z.array(Build),
  /** Since protocol 3; one that is missing is neither begun nor stopped. */
  jobs: z.array(DesiredJob).default([]),
});
export type Desired = z.infer<typeof Desired>;

export const ObservedInstance = z.object({
  instanceId: z.string(),
  slot: count,
  generation: count,
  release: count,
  state: z.enum(INSTANCE_STATES),
  attempt: count,
  pid: z.int().nullable(),
  bootId: z.string(),
  /** Of the present attempt, ms since the epoch by the host's clock. */
  startedAt: ms.nullable(),
  restarts: count,
  /** Until the next attempt, from when the report was made. */
  restartInMs: ms.nullable(),
  /** A sentence where it can't start yet: fetching, no such file … */
  detail: z.string().max(2_000).nullable(),
});
export type ObservedInstance = z.infer<typeof ObservedInstance>;

export const ExitReport = z.object({
  instanceId: z.string(),
  bootId: z.string(),
  attempt: count,
  pid: z.int().nullable(),
  startedAt: ms,
  exitedAt: ms,
  uptimeMs: ms,
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  oom: z.boolean(),
  reason: z.enum(EXIT_REASONS),
  restartInMs: ms.nullable(),
  collapsed: count,
  detail: z.string().nullable(),
  slot: count,
  generation: count,
  release: count,
  /** The last lines of both streams, oldest first. */
  tail: z.array(z.string()),
});
export type ExitReport = z.infer<typeof ExitReport>;

export const BUILD_STEPS = ["resolve", "fetch", "build", "pack", "upload"] as const;

export const BuildStep = z.object({
  name: z.enum(BUILD_STEPS),
  state: z.enum(["running", "done", "failed", "skipped"]),
  startedAt: ms,
  durationMs: ms.nullable(),
  detail: z.string().max(2_000).nullable(),
});
export type BuildStep = z.infer<typeof BuildStep>;

export const BUILD_FAILURES = [
  "repo_unreachable",
  "ref_not_found",
  "root_dir_not_found",
  "build_failed",
  "build_timeout",
  "submodules",
  "too_large",
  "upload_failed",
  "disk",
  "canceled",
  "internal",
] as const;
export type BuildFailure = (typeof BUILD_FAILURES)[number];

export const BuildReport = z.object({
  deployId: z.string(),
  steps: z.array(BuildStep),
  outcome: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("running") }),
    z.object({
      kind: z.literal("succeeded"),
      commit: z.string(),
      commitMessage: z.string().max(500),
      digest: z.string(),
      cached: z.boolean(),
      /** Stored by now; none where the build was not to be packed, or can't be. */
      artifact: Artifact.nullish(),
    }),
    z.object({
      kind: z.literal("failed"),
      reason: z.enum(BUILD_FAILURES),
      message: z.string().max(2_000),
      tail: z.array(z.string()),
    }),
  ]),
});
export type BuildReport = z.infer<typeof BuildReport>;

export const JobOutcome = z.discriminatedUnion("kind", [
  /** It ended by itself. */
  z.object({
    kind: z.literal("exited"),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    oom: z.boolean(),
    uptimeMs: ms,
    tail: z.array(z.string()),
  }),
  /** It was asked to stop. */
  z.object({ kind: z.literal("stopped"), uptimeMs: ms, tail: z.array(z.string()) }),
  /** It ran, or may have run; nobody knows how that ended. */
  z.object({
    kind: z.literal("unknown"),
    message: z.string().max(2_000),
    tail: z.array(z.string()),
  }),
  /** It did not run, and will not. */
  z.object({ kind: z.literal("refused"), message: z.string().max(2_000) }),
]);
export type JobOutcome = z.infer<typeof JobOutcome>;

export const ObservedJob = z.object({
  jobId: z.string(),
  generation: count,
  release: count,
  /** `waiting` until the keeper has it. */
  state: z.enum(["waiting", "running", "stopping", "ended"]),
  pid: z.int().nullable(),
  /** ms since the epoch by the host's clock. */
  startedAt: ms.nullable(),
  detail: z.string().max(2_000).nullable(),
  /** Exactly where it has ended. */
  outcome: JobOutcome.nullable(),
});
export type ObservedJob = z.infer<typeof ObservedJob>;

export const WorkerHello = z.object({
  type: z.literal("hello"),
  protocol: z.int(),
  hostId: z.string(),
  epoch: count,
  bootId: z.string(),
});
export type WorkerHello = z.infer<typeof WorkerHello>;

export const Report = z.object({
  type: z.literal("report"),
  epoch: count,
  /** The newest revision that the host has taken in: its instances ensured, its tombstones marked. */
  revision: count,
  /** Complete: every instance of this worker on this host, also stopped ones that were not yet let go. */
  instances: z.array(ObservedInstance),
  /** Not yet acknowledged ones. */
  exits: z.array(ExitReport),
  builds: z.array(BuildReport),
  /** Since protocol 3. Complete: also ended ones that were not yet let go. */
  jobs: z.array(ObservedJob).default([]),
});
export type Report = z.infer<typeof Report>;

/** Asks for the leases of these exclusive instances, each `lease.renewMs` and at once for a new one. */
export const Renew = z.object({
  type: z.literal("renew"),
  /** Rises with each request of a connection; the answer carries it. */
  id: count,
  instances: z.array(z.string().max(128)).max(2_000),
});
export type Renew = z.infer<typeof Renew>;

/** The answer to `renew`: which of them have their lease. One that is left out gets none. */
export const Granted = z.object({
  type: z.literal("granted"),
  id: count,
  instances: z.array(z.string()),
});
export type Granted = z.infer<typeof Granted>;

export const HostToWorkerObject = z.discriminatedUnion("type", [
  WorkerHello,
  Report,
  Renew,
  z.object({ type: z.literal("flushed"), id: z.string() }),
]);
export type HostToWorkerObject = z.infer<typeof HostToWorkerObject>;

const streamKey = {
  instanceId: z.string(),
  bootId: z.string(),
  attempt: count,
  stream: z.enum(["stdout", "stderr", "build"]),
};
export const StreamKey = z.object(streamKey);
export type StreamKey = z.infer<typeof StreamKey>;

export const ObjectToWorkerHost = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome"), protocol: z.int(), epoch: count }),
  Desired,
  Granted,
  /** Reports taken in durably. An instance in `gone` is known to be stopped: the host may let go of it. */
  z.object({
    type: z.literal("ack"),
    exits: z.array(z.object({ instanceId: z.string(), bootId: z.string(), attempt: count })),
    builds: z.array(z.string()),
    gone: z.array(z.string()),
  }),
  /** All bytes of that stream below `next` are durable. `refused` where the frame did not begin there. */
  z.object({ type: z.literal("frame_ack"), ...streamKey, next: count, refused: z.boolean() }),
  /** Somebody reads: for so long, ship at once. */
  z.object({ type: z.literal("attend"), forMs: ms }),
  /** Ship what there is, then answer `flushed` with the same id. */
  z.object({ type: z.literal("flush"), id: z.string() }),
  z.object({ type: z.literal("refused"), reason: z.string(), message: z.string() }),
]);
export type ObjectToWorkerHost = z.infer<typeof ObjectToWorkerHost>;
