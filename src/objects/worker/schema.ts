// The WorkerObject's own tables. Read and written by raw statements (store.ts and its neighbours);
// drizzle makes the migrations from here. Hot tables have an integer key or no rowid, and no further index.
import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const meta = sqliteTable("meta", {
  id: integer("id").primaryKey(),
  workerId: text("worker_id").notNull(),
  projectId: text("project_id").notNull(),
  project: text("project").notNull(),
  specVersion: integer("spec_version").notNull(),
  spec: text("spec").notNull(),
  baseDeploy: integer("base_deploy"),
  baseRelease: integer("base_release"),
  baseLive: integer("base_live").notNull(),
  nextGeneration: integer("next_generation").notNull(),
  createdAt: integer("created_at").notNull(),
  lastDeployAt: integer("last_deploy_at"),
  projection: integer("projection").notNull(),
  projected: text("projected").notNull(),
  projectedAt: integer("projected_at").notNull(),
  markedVersion: integer("marked_version").notNull(),
  /** How long to wait before the next try to place. */
  placeDelayMs: integer("place_delay_ms").notNull(),
  /** Set when all is over: only this row and the hosts' keys remain. */
  deletedAt: integer("deleted_at"),
});

export const deploys = sqliteTable("deploys", {
  number: integer("number").primaryKey(),
  id: text("id").notNull(),
  kind: text("kind").notNull(),
  status: text("status").notNull(),
  reason: text("reason"),
  ref: text("ref"),
  commit: text("commit_id"),
  commitMessage: text("commit_message"),
  release: integer("release"),
  proven: integer("proven").notNull(),
  steps: text("steps").notNull(),
  tail: text("tail").notNull(),
  actor: text("actor").notNull(),
  createdAt: integer("created_at").notNull(),
  statusAt: integer("status_at").notNull(),
  endedAt: integer("ended_at"),
  buildHostId: text("build_host_id"),
  /** Ciphertext: what its release will hold. */
  env: text("env"),
  /** Ciphertext: what opens the repository, until it is built. */
  git: text("git"),
  /** The commands as the spec had them when the build began. */
  recipe: text("recipe"),
  /** Of a rollback: the release whose content it brings back. */
  restores: integer("restores"),
});

export const releases = sqliteTable("releases", {
  number: integer("number").primaryKey(),
  deploy: integer("deploy").notNull(),
  source: text("source").notNull(),
  digest: text("digest").notNull(),
  /** Its packed tree, JSON; null where hosts make it from the source. */
  artifact: text("artifact"),
  commitMessage: text("commit_message"),
  startCommand: text("start_command").notNull(),
  stopSignal: text("stop_signal").notNull(),
  stopGraceMs: integer("stop_grace_ms").notNull(),
  mode: text("mode").notNull(),
  createdAt: integer("created_at").notNull(),
  env: text("env").notNull(),
  /** The release whose content it has; null where it was built. */
  restores: integer("restores"),
  predeployCommand: text("predeploy_command"),
  /** JSON of its limits; those of before there were any have none. */
  limits: text("limits").notNull().default("{}"),
});

export const instances = sqliteTable("instances", {
  generation: integer("generation").primaryKey(),
  id: text("id").notNull(),
  slot: integer("slot").notNull(),
  deploy: integer("deploy").notNull(),
  release: integer("release").notNull(),
  hostId: text("host_id"),
  state: text("state").notNull(),
  attempt: integer("attempt").notNull(),
  bootId: text("boot_id"),
  pid: integer("pid"),
  startedAt: integer("started_at"),
  restarts: integer("restarts").notNull(),
  restartAt: integer("restart_at"),
  detail: text("detail"),
  createdAt: integer("created_at").notNull(),
  placedAt: integer("placed_at"),
  firstRunningAt: integer("first_running_at"),
  healthyAt: integer("healthy_at"),
  soakCrashes: integer("soak_crashes").notNull(),
  stopReason: text("stop_reason"),
  stopWhy: text("stop_why"),
  stopAt: integer("stop_at"),
  mode: text("mode").notNull().default("available"),
  /** 1 from its first lease until it is lost. */
  leased: integer("leased").notNull().default(0),
});

/** Commands that run once; a row goes once its end was told and its deploy went on. */
export const jobs = sqliteTable("jobs", {
  generation: integer("generation").primaryKey(),
  id: text("id").notNull(),
  deploy: integer("deploy").notNull(),
  release: integer("release").notNull(),
  hostId: text("host_id"),
  begun: integer("begun").notNull(),
  createdAt: integer("created_at").notNull(),
  placedAt: integer("placed_at"),
  stopWhy: text("stop_why"),
  stopAt: integer("stop_at"),
  graceMs: integer("grace_ms").notNull(),
  outcome: text("outcome"),
  tail: text("tail").notNull(),
});

export const hosts = sqliteTable("hosts", {
  hostId: text("host_id").primaryKey(),
  name: text("name").notNull(),
  publicKey: text("public_key").notNull(),
  epoch: integer("epoch").notNull(),
  /** Of the newest desired set, and what was in it. */
  revision: integer("revision").notNull(),
  content: text("content").notNull(),
  acked: integer("acked").notNull(),
  /** When the host was taken for lost, and until when its HostObject had heard it; null while it is not silent. */
  silentAt: integer("silent_at"),
  /** When the HostObject said so although the own channel had heard later. */
  toldHeardAt: integer("told_heard_at"),
  /** When an alarm that came late gave its silence a fresh term. */
  termFrom: integer("term_from"),
  removed: integer("removed").notNull(),
  /** Ids of instances that run there although they are known to have ended: they get a tombstone. */
  strangers: text("strangers").notNull(),
  /** 1 while a greeted channel should be there: a restart finds it missing. */
  connected: integer("connected").notNull().default(0),
  /** Of the time without a channel: when it was last heard. */
  heardAt: integer("heard_at"),
  /** moving or overdue while it is emptied, and the version of its owner's wish. */
  drain: text("drain"),
  drainVersion: integer("drain_version").notNull().default(0),
  /** 1 while what it ran is not replaced because too many hosts were lost at once. */
  frozen: integer("frozen").notNull().default(0),
});

export const exits = sqliteTable(
  "exits",
  {
    generation: integer("generation").notNull(),
    bootId: text("boot_id").notNull(),
    attempt: integer("attempt").notNull(),
    at: integer("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.generation, t.bootId, t.attempt] })],
);

export const crashes = sqliteTable("crashes", {
  seq: integer("seq").primaryKey(),
  id: text("id").notNull(),
  at: integer("at").notNull(),
  slot: integer("slot").notNull(),
  instance: text("instance").notNull(),
  attempt: integer("attempt").notNull(),
  exitCode: integer("exit_code"),
  signal: text("signal"),
  oom: integer("oom").notNull(),
  uptimeMs: integer("uptime_ms").notNull(),
  release: integer("release").notNull(),
  reason: text("reason").notNull(),
  detail: text("detail"),
  tail: text("tail").notNull(),
  /** The crash group; null for crashes from before there were any. */
  kind: integer("kind"),
});

/** One row for each kind of crash; `days` counts them by day. */
export const crashGroups = sqliteTable("crash_groups", {
  seq: integer("seq").primaryKey(),
  key: text("key").notNull(),
  cause: text("cause").notNull(),
  title: text("title").notNull(),
  firstAt: integer("first_at").notNull(),
  firstRelease: integer("first_release").notNull(),
  lastAt: integer("last_at").notNull(),
  lastRelease: integer("last_release").notNull(),
  lastCrash: text("last_crash").notNull(),
  count: integer("count").notNull(),
  days: text("days").notNull(),
});

export const events = sqliteTable("events", {
  seq: integer("seq").primaryKey(),
  id: text("id").notNull(),
  at: integer("at").notNull(),
  kind: text("kind").notNull(),
  actor: text("actor").notNull(),
  message: text("message").notNull(),
  slot: integer("slot"),
  instance: text("instance"),
  deploy: integer("deploy"),
  release: integer("release"),
  crash: text("crash"),
});

/** Where each log stream begins: one row a stream, so that a new one is known to be new without a look through all frames. */
export const streams = sqliteTable("streams", {
  stream: text("stream").primaryKey(),
  first: integer("first").notNull(),
});

/** Log frames and batches of system lines: one cursor orders all. The wide columns stand last. */
export const frames = sqliteTable("frames", {
  seq: integer("seq").primaryKey(),
  at: integer("at").notNull(),
  /** `instance/boot/attempt/stream`; "system" for system lines. */
  stream: text("stream").notNull(),
  start: integer("start").notNull(),
  end: integer("end_at").notNull(),
  bytes: integer("bytes").notNull(),
  last: integer("last").notNull(),
  header: text("header").notNull(),
  payload: blob("payload", { mode: "buffer" }),
});

/** One row for each change of how the worker's time is counted; all but the last go into the sums of days. */
export const ledger = sqliteTable("ledger", {
  seq: integer("seq").primaryKey(),
  at: integer("at").notNull(),
  kind: text("kind").notNull(),
});

/** One row: the sums of days, and what D1 was told last. */
export const ledgerMark = sqliteTable("ledger_mark", {
  id: integer("id").primaryKey(),
  version: integer("version").notNull(),
  projectedAt: integer("projected_at").notNull(),
  projected: text("projected"),
  since: integer("since").notNull(),
  days: text("days").notNull(),
});

export const agenda = sqliteTable(
  "agenda",
  {
    kind: text("kind").notNull(),
    key: text("key").notNull(),
    due: integer("due").notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.key] })],
);
