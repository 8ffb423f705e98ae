// Which tone each state has. Total tables: a new state that has none does not compile.
import type { HostUse } from "../../client/words.ts";
import type { DeployStatus, InstanceState, WorkerStatus } from "../../protocol/instance.ts";
import type { DeployStep, EventKind, HostStatus } from "../../protocol/rest.ts";

export type Tone = "good" | "busy" | "warn" | "bad" | "idle" | "none";

export const WORKER_TONE = {
  pending: "idle",
  deploying: "busy",
  running: "good",
  degraded: "warn",
  crashlooping: "bad",
  stopped: "none",
  unknown: "none",
} as const satisfies Record<WorkerStatus, Tone>;

export const WORKER_MEANING = {
  pending: "Nothing runs yet.",
  deploying: "A release is on its way.",
  running: "As many instances run as you want.",
  degraded: "Fewer instances run than you want.",
  crashlooping: "It crashes again and again; each restart waits a little longer.",
  stopped: "You stopped it; everything else is kept.",
  unknown: "Its hosts are not heard of. Unknown is not down: the programs may well run.",
} as const satisfies Record<WorkerStatus, string>;

export const INSTANCE_TONE = {
  pending: "idle",
  starting: "busy",
  running: "good",
  healthy: "good",
  backoff: "bad",
  stopping: "idle",
  stopped: "none",
  lost: "warn",
  unknown: "none",
} as const satisfies Record<InstanceState, Tone>;

export const DEPLOY_TONE = {
  queued: "idle",
  building: "busy",
  predeploy: "busy",
  rolling_out: "busy",
  live: "good",
  failed: "bad",
  reverted: "warn",
  canceled: "none",
  superseded: "none",
} as const satisfies Record<DeployStatus, Tone>;

export const STEP_TONE = {
  running: "busy",
  done: "good",
  failed: "bad",
  skipped: "none",
} as const satisfies Record<DeployStep["state"], Tone>;

export const HOST_TONE = {
  joining: "busy",
  online: "good",
  suspect: "warn",
  lost: "bad",
  cloned: "bad",
  removed: "none",
} as const satisfies Record<HostStatus, Tone>;

export const HOST_MEANING = {
  joining: "It has joined and has not reported yet.",
  online: "Heard of within the last seconds.",
  suspect: "Silent for a while; its programs may well run.",
  lost: "Silent for so long that its instances are replaced elsewhere.",
  cloned: "Two machines use this host's credential: both were stopped. Remove it and join again.",
  removed: "Removed for good.",
} as const satisfies Record<HostStatus, string>;

export const USE_TONE = {
  open: "good",
  cordoned: "warn",
  draining: "busy",
  drained: "warn",
} as const satisfies Record<HostUse, Tone>;

export const USE_MEANING = {
  open: "Takes instances.",
  cordoned: "Takes nothing new; what runs there stays.",
  draining: "Being emptied; takes nothing new.",
  drained: "Empty, and takes nothing until the drain is ended.",
} as const satisfies Record<HostUse, string>;

export const EVENT_TONE = {
  worker_created: "none",
  spec_changed: "none",
  scaled: "none",
  stopped: "none",
  started: "good",
  deleted: "none",
  env_changed: "none",
  deploy_queued: "idle",
  deploy_building: "busy",
  deploy_predeploy: "busy",
  deploy_rolling_out: "busy",
  deploy_live: "good",
  deploy_failed: "bad",
  deploy_reverted: "warn",
  deploy_canceled: "none",
  deploy_superseded: "none",
  restart_requested: "none",
  instance_placed: "idle",
  instance_started: "good",
  instance_healthy: "good",
  instance_crashed: "bad",
  instance_stopped: "none",
  instance_moved: "warn",
  host_suspect: "warn",
  host_lost: "bad",
  host_returned: "good",
  host_drained: "warn",
  replacement_frozen: "bad",
  replacement_thawed: "good",
  no_room: "warn",
} as const satisfies Record<EventKind, Tone>;
