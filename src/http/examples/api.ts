// An example of every body that the API takes or gives. Their types hold them to the schemas.

import { CoppiceToml } from "../../../protocol/config.ts";
import { cloudInit, installCommand } from "../../../protocol/install.ts";
import * as rest from "../../../protocol/rest.ts";
import { CreateWorker, PatchWorker } from "../../../protocol/spec.ts";
import { AT as at, example, LATER as later, WORKER_ID as worker } from "./table.ts";

const hex = "1c2f7e7a41b2c3d4e5f607182930a1b2c3d4e5f6";

const asked = {
  name: "mailer",
  repo: "https://github.com/acme/shop",
  branch: "main",
  rootDir: ".",
  buildCommand: "npm ci",
  predeployCommand: "node migrate.js",
  startCommand: "node mailer.js",
  instances: 2,
  mode: "available",
  rollout: "start-first",
  memoryBytes: 536_870_912,
  cpus: null,
  pids: null,
  openFiles: 4_096,
  hosts: { region: "eu" },
  groups: ["shared"] as string[],
  paths: [] as string[],
  stopSignal: "SIGTERM",
  stopGraceMs: 30_000,
} as const;

const workerView: rest.WorkerView = {
  id: worker,
  ...asked,
  specVersion: 3,
  status: "running",
  statusReason: null,
  running: 2,
  release: 12,
  lastDeployAt: at,
  lastCrashAt: null,
  envChanged: false,
  createdAt: at,
  statusAt: later,
};

const holds = {
  memory: "cgroup2",
  cpus: "cgroup2",
  pids: "cgroup2",
  openFiles: "rlimit",
  user: "project",
} as const;

const host: rest.HostView = {
  id: "hst_0198ad1c2f7e7a41b2c3d4e5f6071829",
  name: "web-1",
  status: "online",
  capacity: { slots: 100, memoryBytes: 8_589_934_592, cpus: 4 },
  used: 2,
  heldMemoryBytes: 1_073_741_824,
  heldCpus: 0.5,
  region: "eu",
  labels: { disk: "ssd" },
  cordoned: false,
  drainUntil: null,
  lostAt: null,
  frozen: null,
  facts: { agentVersion: "0.1.0", os: "linux 6.1", arch: "x64", containment: "cgroup", holds },
  epoch: 7,
  lastHeardAt: later,
  joinedAt: at,
};

const token: rest.TokenView = {
  id: "tok_0198ad1c2f7e7a41b2c3d4e5f6071829",
  name: "ci",
  role: "developer",
  createdAt: at,
  expiresAt: null,
  lastUsedAt: later,
};

const env: rest.EnvView = {
  version: 4,
  liveVersion: 3,
  items: [{ name: "LOG_LEVEL", version: 2, plain: true, updatedAt: at }],
  groups: [{ name: "shared", version: 7, liveVersion: 7, names: ["DATABASE_URL"] }],
};

const group: rest.GroupView = {
  id: "grp_0198ad1c2f7e7a41b2c3d4e5f6071829",
  name: "shared",
  version: 7,
  items: [{ name: "DATABASE_URL", version: 7, plain: false, updatedAt: at }],
  workers: [{ id: worker, name: "mailer", envChanged: true }],
  createdAt: at,
};

const suggestion: rest.CommandSuggestion = {
  source: "Procfile",
  startCommand: "node mailer.js",
  buildCommand: "npm ci",
};

const secret = "0123456789abcdef".repeat(3);

example(rest.HealthView, { ok: true, version: "0.1.0" });
example(rest.WhoamiView, {
  name: "ci",
  role: "developer",
  project: { id: "prj_0198ad1c2f7e7a41b2c3d4e5f6071829", name: "shop" },
});
example(rest.ProjectView, {
  id: "prj_0198ad1c2f7e7a41b2c3d4e5f6071829",
  name: "shop",
  createdAt: at,
});
example(rest.CreateProject, { name: "shop" });
example(rest.WorkerView, workerView);
example(CreateWorker, { ...asked, env: { LOG_LEVEL: "info" } });
example(PatchWorker, { instances: 3 });
example(rest.DrainHost, { deadlineMs: 600_000 });
example(rest.Thawed, { hosts: ["web-1", "web-2"] });
const instance = {
  id: "ins_0198ad1c2f7e7a41b2c3d4e5f6071829",
  slot: 0,
  generation: 5,
  attempt: 1,
  state: "healthy",
  mode: "available",
  hostId: host.id,
  hostName: host.name,
  pid: 4_711,
  startedAt: at,
  lastHeartbeatAt: later,
  release: 12,
  restarts: 0,
  restartAt: null,
  detail: null,
} as const;
example(rest.InstanceView, instance);
example(rest.HostInstanceView, {
  worker: { id: workerView.id, name: workerView.name },
  instance,
  successor: null,
});
example(rest.CrashView, {
  id: "crs_0198ad1c2f7e7a41b2c3d4e5f6071829",
  at,
  slot: 0,
  instance: "ins_0198ad1c2f7e7a41b2c3d4e5f6071829",
  attempt: 1,
  exitCode: 1,
  signal: null,
  oom: false,
  uptimeMs: 61_000,
  release: 12,
  reason: "crash",
  detail: null,
  tail: ["Error: connect ECONNREFUSED"],
  group: 3,
});
example(rest.CrashGroupView, {
  id: 3,
  cause: "exit code 1",
  title: "Error: connect ECONNREFUSED",
  count: 4,
  firstAt: at,
  firstRelease: 12,
  lastAt: later,
  lastRelease: 12,
  lastCrash: "crs_0198ad1c2f7e7a41b2c3d4e5f6071829",
  isNew: true,
  days: [{ date: at.slice(0, 10), count: 4 }],
});
example(rest.LogLine, {
  at,
  stream: "stdout",
  slot: 0,
  instance: "ins_0198ad1c2f7e7a41b2c3d4e5f6071829",
  release: 12,
  text: "sent 3 mails",
  cursor: "42.7",
});
example(rest.DeployView, {
  id: "dep_0198ad1c2f7e7a41b2c3d4e5f6071829",
  number: 3,
  kind: "deploy",
  status: "building",
  reason: null,
  ref: "main",
  commit: hex,
  commitMessage: "Send mail twice as fast",
  release: null,
  restores: null,
  steps: [{ name: "resolve", state: "done", startedAt: at, durationMs: 310, detail: hex }],
  tail: [],
  actor: "ci",
  createdAt: at,
  endedAt: null,
});
example(rest.CreateDeploy, { ref: "main" });
example(rest.ReleaseView, {
  number: 12,
  commit: hex,
  commitMessage: "Send mail twice as fast",
  digest: `sha256:${"ab".repeat(32)}`,
  startCommand: asked.startCommand,
  buildCommand: asked.buildCommand,
  predeployCommand: null,
  restores: null,
  envVersion: 3,
  envNames: ["LOG_LEVEL"],
  live: true,
  wasLive: true,
  createdAt: at,
});
example(rest.CreateRollback, { release: 11 });
example(rest.ReleaseDiffView, {
  from: { release: 12, commit: hex, commitMessage: "Send mail twice as fast" },
  to: { release: 11, commit: hex.replace("1", "2"), commitMessage: "Send mail" },
  fields: [{ field: "startCommand", from: "node mailer.js --fast", to: "node mailer.js" }],
  env: {
    added: [],
    removed: [{ name: "FAST", version: 3 }],
    changed: [{ name: "LOG_LEVEL", from: 3, to: 1 }],
  },
});
example(rest.EventView, {
  id: "evt_0198ad1c2f7e7a41b2c3d4e5f6071829",
  at,
  kind: "scaled",
  actor: "ci",
  message: "Scaled from 1 to 2 instances.",
  slot: null,
  instance: null,
  deploy: null,
  release: null,
  crash: null,
});
example(rest.EnvView, env);
example(rest.EnvChangeView, { ...env, changed: ["LOG_LEVEL"], warnings: [] });
example(rest.ChangeEnv, { set: { LOG_LEVEL: "debug", OLD_FLAG: null } });
const hook: rest.HookView = {
  id: "hok_0198ad1c2f7e7a41b2c3d4e5f6071829",
  kind: "github",
  url: "https://coppice.example/hooks/github/hok_0198ad1c2f7e7a41b2c3d4e5f6071829",
  createdBy: "ci",
  createdAt: at,
  lastUsedAt: later,
  lastOutcome: "deploy 13",
};
example(rest.HookView, hook);
example(rest.NewHookView, { ...hook, secret: `cop_hook_${secret}01234567` });
example(rest.CreateHook, { kind: "github" });
example(rest.HookAnswer, {
  outcome: "deploying",
  reason: null,
  worker: "mailer",
  deploy: 13,
  commit: hex,
});
example(rest.GroupView, group);
example(rest.CreateGroup, { name: "shared", env: { DATABASE_URL: "postgres://db.internal/shop" } });
example(rest.GroupChangeView, {
  ...group,
  changed: ["DATABASE_URL"],
  warnings: [],
  deploys: [{ worker: "mailer", number: 13, problem: null }],
});
example(CoppiceToml, {
  project: "shop",
  repo: asked.repo,
  secrets: ["STRIPE_KEY"],
  workers: { mailer: { build: "npm ci", start: asked.startCommand, memory: "512M" } },
});
example(rest.ConfigView, {
  operations: [
    {
      ...{ type: "change", name: "mailer", specVersion: 3 },
      changes: [{ field: "start", from: "node old.js", to: asked.startCommand }],
    },
    { type: "deploy", name: "mailer", branch: "main", when: "now" },
  ],
  obstacles: [],
  missing: [],
  version: "0f9a4c1be2d35768",
  applied: true,
  deploys: [{ worker: "mailer", number: 13, problem: null }],
});
example(rest.HostView, host);
const invitation = { origin: "https://coppice.example.org", token: `cop_join_${secret}01234567` };
example(rest.JoinTokenView, {
  id: "joi_0198ad1c2f7e7a41b2c3d4e5f6071829",
  token: `cop_join_${secret}01234567`,
  expiresAt: later,
  command: installCommand(invitation),
  cloudInit: cloudInit(invitation),
});
example(rest.JoinRequest, {
  token: `cop_join_${secret}01234567`,
  name: host.name,
  publicKey: "A".repeat(43),
  capacity: { slots: 100, memoryBytes: 8_589_934_592, cpus: 4 },
  facts: { agentVersion: "0.1.0", os: "linux 6.1", arch: "x64", containment: "cgroup", holds },
  labels: { disk: "ssd" },
  region: "eu",
});
example(rest.JoinAnswer, {
  hostId: host.id,
  projectId: "prj_0198ad1c2f7e7a41b2c3d4e5f6071829",
  project: "shop",
  name: host.name,
});
example(rest.TokenView, token);
example(rest.NewTokenView, { ...token, lastUsedAt: null, token: `cop_${secret}01234567` });
example(rest.CreateToken, { name: "ci", role: "developer", expiresInS: 2_592_000 });
example(rest.CreateSignInLink, { project: "shop", role: "developer" });
example(rest.SignInLinkView, {
  url: `https://coppice.example/sign-in#cop_in_${secret}01234567`,
  expiresAt: later,
});
example(rest.CreateSession, { code: `cop_in_${secret}01234567` });
example(rest.CreateDeviceCode, { clientName: "coppice on laptop" });
example(rest.NewDeviceCodeView, {
  deviceCode: `cop_dev_${secret}01234567`,
  userCode: "BCDF-GHJK",
  verificationUrl: "https://coppice.example/device",
  expiresAt: later,
  intervalS: 5,
});
example(rest.DeviceCodeView, { clientName: "coppice on laptop", createdAt: at, expiresAt: later });
example(rest.ApproveDeviceCode, { role: "developer" });
example(rest.ClaimDeviceToken, { deviceCode: `cop_dev_${secret}01234567` });
example(rest.DeviceTokenView, {
  state: "approved",
  token: `cop_${secret}01234567`,
  project: "shop",
});
example(rest.ProjectStreamEvent, { event: "worker", data: workerView });
example(rest.WorkerStreamEvent, { event: "worker", data: workerView });
example(rest.BuildLogLine, { at, text: "added 12 packages in 1s", cursor: "40.3" });
example(rest.InspectRepo, { repo: asked.repo, branch: "main", rootDir: "." });
example(rest.CommandSuggestion, suggestion);
example(rest.RepoView, {
  branches: ["main", "next"],
  defaultBranch: "main",
  suggestions: [suggestion],
  readable: true,
  reason: null,
});
