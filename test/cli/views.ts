// What a control plane of the tests has: a worker, its deploys and instances, hosts, tokens, hooks.
import type {
  CrashGroupView,
  CrashView,
  DeployView,
  HookView,
  HostView,
  InstanceView,
  LogLine,
  ReleaseView,
  TokenView,
  WorkerView,
} from "../../protocol/rest.ts";

export const AT = "2026-11-23T10:00:00.000Z";
export const TOKEN = "cop_test_token";
export const hex = (digit: string) => digit.repeat(32);
export const CRASH_ID = `crs_${hex("a").slice(0, 24)}3f9a1c2e`;

export const worker = (over: Partial<WorkerView> = {}): WorkerView => ({
  id: `wrk_${hex("1")}`,
  name: "mailer",
  repo: "https://github.com/acme/shop",
  branch: "main",
  rootDir: ".",
  buildCommand: "npm ci",
  startCommand: "node mailer.js",
  instances: 2,
  predeployCommand: null,
  rollout: "start-first",
  memoryBytes: null,
  cpus: null,
  pids: null,
  openFiles: null,
  hosts: {},
  groups: [],
  paths: [],
  mode: "available",
  stopSignal: "SIGTERM",
  stopGraceMs: 30_000,
  specVersion: 3,
  status: "running",
  statusReason: null,
  running: 2,
  release: 4,
  lastDeployAt: AT,
  lastCrashAt: AT,
  envChanged: false,
  createdAt: AT,
  statusAt: AT,
  ...over,
});

export const deployView = (over: Partial<DeployView> = {}): DeployView => ({
  id: `dep_${hex("2")}`,
  number: 5,
  kind: "deploy",
  status: "live",
  reason: null,
  ref: "main",
  commit: "a1b2c3d4".repeat(5),
  commitMessage: "Send mails",
  release: 5,
  restores: null,
  steps: [{ name: "build", state: "done", startedAt: AT, durationMs: 900, detail: null }],
  tail: [],
  actor: "ci",
  createdAt: AT,
  endedAt: AT,
  ...over,
});

export const instance = (over: Partial<InstanceView> = {}): InstanceView => ({
  id: `ins_${hex("3")}`,
  slot: 0,
  generation: 1,
  attempt: 2,
  state: "healthy",
  mode: "available" as const,
  hostName: "web-1",
  hostId: `hst_${hex("4")}`,
  pid: 4242,
  startedAt: AT,
  lastHeartbeatAt: AT,
  release: 4,
  restarts: 1,
  restartAt: null,
  detail: null,
  ...over,
});
export const host = (over: Partial<HostView> = {}): HostView => ({
  id: `hst_${hex("4")}`,
  name: "web-1",
  status: "online",
  capacity: { slots: 10, memoryBytes: 1e9, cpus: 2 },
  used: 2,
  heldMemoryBytes: 0,
  heldCpus: 0,
  region: null,
  labels: {},
  cordoned: false,
  drainUntil: null,
  lostAt: null,
  frozen: null,
  facts: { agentVersion: "0.1.0", os: "linux", arch: "x64", containment: "cgroup" },
  epoch: 1,
  lastHeardAt: AT,
  joinedAt: AT,
  ...over,
});
export const invitation = { origin: "https://coppice.example.org", token: "cop_join" };
export const token: TokenView = {
  ...{ id: `tok_${hex("5")}`, name: "ci", role: "developer", createdAt: AT },
  ...{ expiresAt: null, lastUsedAt: AT },
};
export const hook: HookView = {
  ...{ id: `hok_${hex("9")}`, kind: "github", createdBy: "ci", createdAt: AT },
  url: `https://coppice.example.org/hooks/github/hok_${hex("9")}`,
  ...{ lastUsedAt: AT, lastOutcome: "deploy 5" },
};
export const crash: CrashView = {
  ...{
    id: CRASH_ID,
    at: AT,
    slot: 0,
    instance: instance().id,
    attempt: 1,
    exitCode: 1,
    signal: null,
  },
  ...{ oom: false, uptimeMs: 12_300, release: 4, reason: "crash", detail: null },
  tail: ["starting", "Error: no route to host", "Node.js v24.21.0"],
  group: 7,
};
export const crashGroup: CrashGroupView = {
  ...{ id: 7, cause: "exit code 1", title: "Error: no route to host", count: 12, isNew: true },
  ...{ firstAt: AT, firstRelease: 4, lastAt: AT, lastRelease: 4, lastCrash: CRASH_ID },
  days: [
    { date: "2026-08-14", count: 0 },
    { date: "2026-08-15", count: 12 },
  ],
};
export const release: ReleaseView = {
  ...{ number: 4, commit: "a1b2c3d4".repeat(5), commitMessage: "Send mails", digest: "sha256:00" },
  ...{ startCommand: "node mailer.js", buildCommand: "npm ci", envVersion: 1, envNames: ["A"] },
  ...{ predeployCommand: null, restores: null, live: true, wasLive: true, createdAt: AT },
};
export const logLine = (text: string, over: Partial<LogLine> = {}): LogLine => ({
  ...{
    at: AT,
    stream: "stdout",
    slot: 0,
    instance: instance().id,
    release: 4,
    text,
    cursor: "1.1",
  },
  ...over,
});
