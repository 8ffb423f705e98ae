// What the HTTP API answers with and takes, besides the spec. Wire names are kept stable.
import * as z from "zod";
import { BUILD_STEPS, Capacity, HostFacts } from "./channel.ts";
import { DEPLOY_STATUSES, EXIT_REASONS, INSTANCE_STATES, WORKER_STATUSES } from "./instance.ts";
import {
  branchSchema,
  MODES,
  nameSchema,
  repoSchema,
  rootDirSchema,
  STOP_SIGNALS,
} from "./spec.ts";

/** ISO 8601 in UTC, milliseconds. */
const time = z.iso.datetime({ precision: 3 });
const count = z.int().min(0);

export function listOf<T extends z.ZodType>(item: T) {
  /** `next` is the cursor of the following page, null on the last one. */
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

export const PageQuery = z.object({
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const ROLES = ["viewer", "developer", "admin", "operator"] as const;
/** viewer reads; developer also deploys, scales, sets env; admin also hosts and tokens; operator all projects. */
export type Role = (typeof ROLES)[number];

export const ProjectView = z.object({ id: z.string(), name: z.string(), createdAt: time });
export type ProjectView = z.infer<typeof ProjectView>;

export const CreateProject = z.strictObject({ name: nameSchema });
export type CreateProject = z.infer<typeof CreateProject>;

export const WorkerView = z.object({
  id: z.string(),
  name: z.string(),
  repo: z.string(),
  branch: z.string(),
  rootDir: z.string(),
  buildCommand: z.string().nullable(),
  startCommand: z.string(),
  instances: count,
  mode: z.enum(MODES),
  stopSignal: z.enum(STOP_SIGNALS),
  stopGraceMs: count,
  memoryBytes: count.nullable(),
  cpus: z.number().nullable(),
  hosts: z.record(z.string(), z.string()),
  specVersion: count,
  status: z.enum(WORKER_STATUSES),
  /** Why it is so, where that is not plain from the word alone: no host has room, … */
  statusReason: z.string().nullable(),
  /** Instances that run now (running or healthy). */
  running: count,
  /** Number of the live release; null before the first. */
  release: count.nullable(),
  lastDeployAt: time.nullable(),
  lastCrashAt: time.nullable(),
  createdAt: time,
  /** When the status was known last. */
  statusAt: time.nullable(),
});
export type WorkerView = z.infer<typeof WorkerView>;

export const InstanceView = z.object({
  id: z.string(),
  slot: count,
  generation: count,
  attempt: count,
  state: z.enum(INSTANCE_STATES),
  /** An exclusive one runs under a lease only. */
  mode: z.enum(MODES),
  hostId: z.string().nullable(),
  /** Null where it has no host yet. */
  hostName: z.string().nullable(),
  pid: z.int().nullable(),
  startedAt: time.nullable(),
  lastHeartbeatAt: time.nullable(),
  release: count,
  restarts: count,
  /** When the next attempt is due, while in back-off. */
  restartAt: time.nullable(),
  /** Why it is in that state: no host has room, fetching, … */
  detail: z.string().nullable(),
});
export type InstanceView = z.infer<typeof InstanceView>;

export const CrashView = z.object({
  id: z.string(),
  at: time,
  slot: count,
  instance: z.string(),
  attempt: count,
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  oom: z.boolean(),
  uptimeMs: count,
  release: count,
  reason: z.enum(EXIT_REASONS),
  detail: z.string().nullable(),
  /** The last lines that the program wrote, oldest first. */
  tail: z.array(z.string()),
});
export type CrashView = z.infer<typeof CrashView>;

export const LOG_STREAMS = ["stdout", "stderr", "system"] as const;

export const LogLine = z.object({
  at: time,
  stream: z.enum(LOG_STREAMS),
  slot: count.nullable(),
  instance: z.string().nullable(),
  release: count.nullable(),
  text: z.string(),
  /** Resume after this line with `?cursor=`. */
  cursor: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

export const LogQuery = z.object({
  /** What follows it, oldest first. */
  cursor: z.string().max(128).optional(),
  /** The newest of the lines that stand before it: the cursor of a line, or what `Coppice-Earlier` said. */
  before: z.string().max(128).optional(),
  /** Without either: the newest lines. */
  limit: z.coerce.number().int().min(1).max(5_000).default(100),
  slot: z.coerce.number().int().min(0).optional(),
  instance: z.string().max(64).optional(),
  release: z.coerce.number().int().min(1).optional(),
  stream: z.enum(LOG_STREAMS).optional(),
  /** Lines at or after this time. */
  since: z.iso.datetime().optional(),
  /** Plain text that a line must contain. */
  text: z.string().max(256).optional(),
  follow: z.enum(["0", "1"]).default("0"),
});
export type LogQuery = z.infer<typeof LogQuery>;

export const DeployStep = z.object({
  name: z.enum(BUILD_STEPS),
  state: z.enum(["running", "done", "failed", "skipped"]),
  startedAt: time,
  durationMs: z.number().nullable(),
  detail: z.string().nullable(),
});
export type DeployStep = z.infer<typeof DeployStep>;

export const DeployView = z.object({
  id: z.string(),
  number: count,
  kind: z.enum(["deploy", "rollback", "restart"]),
  status: z.enum(DEPLOY_STATUSES),
  /** Why it ended so, for people; null while it goes well. */
  reason: z.string().nullable(),
  ref: z.string().nullable(),
  commit: z.string().nullable(),
  commitMessage: z.string().nullable(),
  release: count.nullable(),
  steps: z.array(DeployStep),
  /** Last lines of the step that failed. */
  tail: z.array(z.string()),
  actor: z.string(),
  createdAt: time,
  endedAt: time.nullable(),
});
export type DeployView = z.infer<typeof DeployView>;

export const CreateDeploy = z.strictObject({
  /** A branch or a full commit id; the worker's branch where left out. */
  ref: z.string().max(255).optional(),
});
export type CreateDeploy = z.infer<typeof CreateDeploy>;

export const ReleaseView = z.object({
  number: count,
  commit: z.string(),
  commitMessage: z.string().nullable(),
  digest: z.string(),
  startCommand: z.string(),
  buildCommand: z.string().nullable(),
  envVersion: count,
  envNames: z.array(z.string()),
  live: z.boolean(),
  createdAt: time,
});
export type ReleaseView = z.infer<typeof ReleaseView>;

export const EVENT_KINDS = [
  "worker_created",
  "spec_changed",
  "scaled",
  "stopped",
  "started",
  "deleted",
  "env_changed",
  "deploy_queued",
  "deploy_building",
  "deploy_rolling_out",
  "deploy_live",
  "deploy_failed",
  "deploy_reverted",
  "deploy_canceled",
  "deploy_superseded",
  "restart_requested",
  "instance_placed",
  "instance_started",
  "instance_healthy",
  "instance_crashed",
  "instance_stopped",
  "instance_moved",
  "host_suspect",
  "host_lost",
  "host_returned",
  "host_drained",
  "replacement_frozen",
  "replacement_thawed",
  "no_room",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const EventView = z.object({
  id: z.string(),
  at: time,
  kind: z.enum(EVENT_KINDS),
  /** Who or what caused it: a token's name, `schedule`, `coppice`. */
  actor: z.string(),
  /** One sentence for people. */
  message: z.string(),
  slot: count.nullable(),
  instance: z.string().nullable(),
  deploy: count.nullable(),
  release: count.nullable(),
  crash: z.string().nullable(),
});
export type EventView = z.infer<typeof EventView>;

export const EnvVarView = z.object({ name: z.string(), version: count, updatedAt: time });

export const EnvView = z.object({
  version: count,
  /** Version that the live release runs with; null before the first. */
  liveVersion: count.nullable(),
  items: z.array(EnvVarView),
});
export type EnvView = z.infer<typeof EnvView>;

/** What a change of variables answers: the set as it is now, and what in a `.env` text may not mean what it seems to. */
export const EnvChangeView = EnvView.extend({
  /** Names that have another value now, or none; empty where all was so already, which makes no new version. */
  changed: z.array(z.string()),
  warnings: z.array(z.string()),
});
export type EnvChangeView = z.infer<typeof EnvChangeView>;

/** Either single changes (null unsets) or a whole `.env` text; values are never given back. */
export const ChangeEnv = z.union([
  z.strictObject({ set: z.record(z.string(), z.string().nullable()) }),
  z.strictObject({ dotenv: z.string().max(1_000_000), replace: z.boolean().default(false) }),
]);
export type ChangeEnv = z.infer<typeof ChangeEnv>;

export const HOST_STATUSES = ["joining", "online", "suspect", "lost", "cloned", "removed"] as const;
export type HostStatus = (typeof HOST_STATUSES)[number];

export const HostView = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(HOST_STATUSES),
  capacity: Capacity.nullable(),
  /** Slots taken by instances. */
  used: count,
  /** What its instances have set aside of its memory and cores. */
  heldMemoryBytes: count,
  heldCpus: z.number().min(0),
  region: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  /** Takes nothing new. */
  cordoned: z.boolean(),
  /** It is being emptied: whatever is still there by then is stopped. Null where it is not drained. */
  drainUntil: time.nullable(),
  lostAt: time.nullable(),
  /** So many hosts of the project were lost at once that what this one ran is not replaced for now. */
  frozen: z.object({ gone: count, of: count }).nullable(),
  facts: HostFacts.nullable(),
  epoch: count,
  lastHeardAt: time.nullable(),
  joinedAt: time,
});
export type HostView = z.infer<typeof HostView>;

/** How long the instances have to move; then whatever is left there is stopped. 10 min by default, a day at most. */
export const DrainHost = z.strictObject({
  deadlineMs: z.int().min(0).max(86_400_000).default(600_000),
});
export type DrainHost = z.infer<typeof DrainHost>;

/** Whose frozen replacement goes on. */
export const Thawed = z.object({ hosts: z.array(z.string()) });
export type Thawed = z.infer<typeof Thawed>;

export const JoinTokenView = z.object({
  id: z.string(),
  /** Shown once. */
  token: z.string(),
  expiresAt: time,
  /** For a shell on the machine: joins it, and keeps it running. */
  command: z.string(),
  /** The same as user data of a machine that is yet to be made. */
  cloudInit: z.string(),
});
export type JoinTokenView = z.infer<typeof JoinTokenView>;

/** What a host is chosen by: `disk=ssd`. At most 32 of them. */
export const HostLabels = z
  .record(
    z.string().regex(/^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/, "is not a label's name"),
    z.string().regex(/^[A-Za-z0-9._-]{0,63}$/, "is not a label's value"),
  )
  .refine((labels) => Object.keys(labels).length <= 32, "are more than 32");
export type HostLabels = z.infer<typeof HostLabels>;

export const JoinRequest = z.strictObject({
  token: z.string().max(256),
  name: nameSchema,
  /** ed25519, raw 32 bytes, base64url. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be 32 bytes in base64url"),
  capacity: Capacity,
  facts: HostFacts,
  labels: HostLabels.optional(),
  /** Where the machine stands: `eu`. */
  region: nameSchema.optional(),
});
export type JoinRequest = z.infer<typeof JoinRequest>;

export const JoinAnswer = z.object({
  hostId: z.string(),
  projectId: z.string(),
  project: z.string(),
  name: z.string(),
});
export type JoinAnswer = z.infer<typeof JoinAnswer>;

export const CreateToken = z.strictObject({
  name: z.string().min(1).max(100),
  role: z.enum(["viewer", "developer", "admin"]),
  /** Seconds until it expires; never where left out. */
  expiresInS: z.int().min(60).max(31_536_000).optional(),
});
export type CreateToken = z.infer<typeof CreateToken>;

export const TokenView = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
});
export type TokenView = z.infer<typeof TokenView>;

export const NewTokenView = TokenView.extend({
  /** Shown once. */
  token: z.string(),
});
export type NewTokenView = z.infer<typeof NewTokenView>;

/** Who the token belongs to and what it may do; `project` is null for the operator. */
export const WhoamiView = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  project: z.object({ id: z.string(), name: z.string() }).nullable(),
});
export type WhoamiView = z.infer<typeof WhoamiView>;

export const HealthView = z.object({ ok: z.literal(true), version: z.string() });
export type HealthView = z.infer<typeof HealthView>;

// ---- sign-in and sessions ----

/** Only the operator names a project and a role: everybody else's link is for their own. */
export const CreateSignInLink = z.strictObject({
  project: z.string().min(1).max(64).optional(),
  role: z.enum(ROLES).optional(),
});
export type CreateSignInLink = z.infer<typeof CreateSignInLink>;

export const SignInLinkView = z.object({
  /** `{origin}/sign-in#CODE`; works once. */
  url: z.string(),
  expiresAt: time,
});
export type SignInLinkView = z.infer<typeof SignInLinkView>;

/** What a session begins with: the code of a sign-in link, or a token. */
export const CreateSession = z.union([
  z.strictObject({ code: z.string().min(1).max(256) }),
  z.strictObject({ token: z.string().min(1).max(512) }),
]);
export type CreateSession = z.infer<typeof CreateSession>;

// ---- device codes: `coppice login` ----

export const CreateDeviceCode = z.strictObject({
  /** Who asks, as the person who approves is shown it: a computer's name, for example. */
  clientName: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, "must be printable"),
});
export type CreateDeviceCode = z.infer<typeof CreateDeviceCode>;

export const NewDeviceCodeView = z.object({
  /** Secret of the client: its token is fetched with it. */
  deviceCode: z.string(),
  /** `ABCD-EFGH`: what the person compares or types. */
  userCode: z.string(),
  verificationUrl: z.string(),
  expiresAt: time,
  /** Ask no more often than this. */
  intervalS: count,
});
export type NewDeviceCodeView = z.infer<typeof NewDeviceCodeView>;

export const DeviceCodeView = z.object({
  clientName: z.string(),
  createdAt: time,
  expiresAt: time,
});
export type DeviceCodeView = z.infer<typeof DeviceCodeView>;

export const ApproveDeviceCode = z.strictObject({
  /** Not above one's own; one's own where left out, admin for the operator. */
  role: z.enum(["viewer", "developer", "admin"]).optional(),
  /** For the operator, where there is more than one project. */
  project: z.string().min(1).max(64).optional(),
});
export type ApproveDeviceCode = z.infer<typeof ApproveDeviceCode>;

export const ClaimDeviceToken = z.strictObject({ deviceCode: z.string().min(1).max(256) });
export type ClaimDeviceToken = z.infer<typeof ClaimDeviceToken>;

export const DEVICE_STATES = ["pending", "approved", "denied", "expired"] as const;

export const DeviceTokenView = z.object({
  state: z.enum(DEVICE_STATES),
  /** Shown once, with the first `approved`. */
  token: z.string().nullable(),
  /** Name of the project that the token is for. */
  project: z.string().nullable(),
});
export type DeviceTokenView = z.infer<typeof DeviceTokenView>;

// ---- live streams: server-sent events, `event` names the kind and `data` is JSON ----

function streamEvent<N extends string, T extends z.ZodType>(name: N, data: T) {
  return z.object({ event: z.literal(name), data });
}

export const ProjectStreamEvent = z.discriminatedUnion("event", [
  /** All of them; sent first. */
  streamEvent("workers", z.object({ items: z.array(WorkerView) })),
  streamEvent("worker", WorkerView),
  streamEvent("worker_gone", z.object({ id: z.string() })),
  /** All of them; sent first and with each change. */
  streamEvent("hosts", z.object({ items: z.array(HostView) })),
]);
export type ProjectStreamEvent = z.infer<typeof ProjectStreamEvent>;

export const WorkerStreamEvent = z.discriminatedUnion("event", [
  streamEvent("worker", WorkerView),
  streamEvent("instances", z.object({ items: z.array(InstanceView) })),
  streamEvent("deploy", DeployView),
  streamEvent("event", EventView),
]);
export type WorkerStreamEvent = z.infer<typeof WorkerStreamEvent>;

// ---- the log of a build ----

export const BuildLogLine = z.object({
  at: time,
  text: z.string(),
  /** Resume after this line with `?cursor=`. */
  cursor: z.string(),
});
export type BuildLogLine = z.infer<typeof BuildLogLine>;

export const BuildLogQuery = z.object({
  /** Without one: from the beginning. */
  cursor: z.string().max(128).optional(),
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
  follow: z.enum(["0", "1"]).default("0"),
});
export type BuildLogQuery = z.infer<typeof BuildLogQuery>;

// ---- looking into a repository ----

export const InspectRepo = z.strictObject({
  repo: repoSchema,
  branch: branchSchema.optional(),
  rootDir: rootDirSchema.default("."),
});
export type InspectRepo = z.infer<typeof InspectRepo>;

export const CommandSuggestion = z.object({
  /** The file that it was read from. */
  source: z.string(),
  startCommand: z.string(),
  buildCommand: z.string().nullable(),
});
export type CommandSuggestion = z.infer<typeof CommandSuggestion>;

export const RepoView = z.object({
  branches: z.array(z.string()),
  defaultBranch: z.string().nullable(),
  suggestions: z.array(CommandSuggestion),
  /** Somebody could read it: the control plane or a host. */
  readable: z.boolean(),
  /** Why not, or why there are no suggestions; for people. */
  reason: z.string().nullable(),
});
export type RepoView = z.infer<typeof RepoView>;
