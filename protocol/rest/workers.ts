// Workers as they are: their instances, crashes and events.
import * as z from "zod";
import { EXIT_REASONS, INSTANCE_STATES, WORKER_STATUSES } from "../instance.ts";
import { MODES, ROLLOUTS, STOP_SIGNALS } from "../spec.ts";
import { count, PageQuery, time } from "./common.ts";
import { DeployView } from "./deploys.ts";
import { HostView } from "./hosts.ts";

export const WorkerView = z.object({
  id: z.string(),
  name: z.string(),
  repo: z.string(),
  branch: z.string(),
  rootDir: z.string(),
  buildCommand: z.string().nullable(),
  predeployCommand: z.string().nullable(),
  startCommand: z.string(),
  instances: count,
  mode: z.enum(MODES),
  rollout: z.enum(ROLLOUTS),
  stopSignal: z.enum(STOP_SIGNALS),
  stopGraceMs: count,
  memoryBytes: count.nullable(),
  cpus: z.number().nullable(),
  pids: count.nullable(),
  openFiles: count.nullable(),
  hosts: z.record(z.string(), z.string()),
  /** Groups of variables; a later one's value beats an earlier one's. */
  groups: z.array(z.string()),
  /** Which changed files make a push deploy it; empty for those below `rootDir`. */
  paths: z.array(z.string()),
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
  /** Its variables, or those of its groups, are not those that the live release runs with: deploy to apply. */
  envChanged: z.boolean(),
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

/** An instance as its host has it; the successor, if it has one, is on another host or has none yet. */
export const HostInstanceView = z.object({
  worker: z.object({ id: z.string(), name: z.string() }),
  instance: InstanceView,
  successor: z.union([InstanceView, z.null()]),
});
export type HostInstanceView = z.infer<typeof HostInstanceView>;

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
  /** The crash group that it belongs to; null for one from before there were any. */
  group: count.nullable(),
});
export type CrashView = z.infer<typeof CrashView>;

/** Crashes that ended alike and said the same, but for times, ids and numbers. */
export const CrashGroupView = z.object({
  id: count,
  /** `out of memory`, `SIGKILL`, `exit code 3` … */
  cause: z.string(),
  /** The line that tells most, as it was written the first time; "" where nothing was. */
  title: z.string(),
  /** Of all time. */
  count,
  firstAt: time,
  firstRelease: count,
  lastAt: time,
  lastRelease: count,
  /** Id of the newest crash. */
  lastCrash: z.string(),
  /** Not seen before the release that is live now. */
  isNew: z.boolean(),
  /** How often on each of the last 30 days, oldest first, UTC; today is the last. */
  days: z.array(z.object({ date: z.iso.date(), count })),
});
export type CrashGroupView = z.infer<typeof CrashGroupView>;

export const CrashQuery = PageQuery.extend({
  /** Only those of that crash group. */
  group: z.coerce.number().int().min(0).optional(),
});
export type CrashQuery = z.infer<typeof CrashQuery>;

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
  "deploy_predeploy",
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
