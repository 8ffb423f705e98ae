// Things that the API would show, each whole; a test names what is special about its own.
import type {
  CrashGroupView,
  CrashView,
  DeployView,
  EventView,
  HostView,
  InstanceView,
  LogLine,
  WorkerView,
} from "../../../protocol/rest.ts";

export const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();

export const worker = (some: Partial<WorkerView> = {}): WorkerView => ({
  ...{ id: "wrk_1", name: "mailer", repo: "https://github.com/acme/shop", branch: "main" },
  ...{ rootDir: ".", buildCommand: "npm ci", startCommand: "node mailer.js", instances: 2 },
  ...{
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
    specVersion: 1,
  },
  ...{ status: "running", statusReason: null, running: 2, release: 3, envChanged: false },
  ...{ lastDeployAt: ago(3_600), lastCrashAt: ago(240), createdAt: ago(86_400), statusAt: ago(1) },
  ...some,
});

export const instance = (some: Partial<InstanceView> = {}): InstanceView => ({
  ...{ id: "ins_1", slot: 0, generation: 4, attempt: 2, state: "healthy", hostId: "hst_1" },
  ...{ hostName: "web-1", mode: "available" as const },
  ...{ pid: 27_310, startedAt: ago(240), lastHeartbeatAt: ago(2), release: 3, restarts: 1 },
  ...{ restartAt: null, detail: null },
  ...some,
});

export const deploy = (some: Partial<DeployView> = {}): DeployView => ({
  ...{ id: "dep_3", number: 3, kind: "deploy", status: "live", reason: null, ref: "main" },
  ...{ commit: "3f2a1bc4d5e6f708192a3b4c5d6e7f8091a2b3c4", commitMessage: "Retry failed mail" },
  ...{ release: 3, tail: [], actor: "ada", createdAt: ago(3_620), endedAt: ago(3_600) },
  restores: null,
  steps: (["resolve", "fetch", "build", "pack", "upload"] as const).map((name, at) => ({
    ...{ name, state: "done" as const, startedAt: ago(3_619 - at * 3) },
    ...{ durationMs: 2_900, detail: null },
  })),
  ...some,
});

export const event = (some: Partial<EventView> = {}): EventView => ({
  ...{ id: "evt_1", at: ago(240), kind: "instance_crashed", actor: "coppice" },
  ...{ message: "Instance 0 crashed with exit code 1 after 3 h 2 min.", slot: 0 },
  ...{ instance: "ins_1", deploy: null, release: 3, crash: "crs_1" },
  ...some,
});

export const crash = (some: Partial<CrashView> = {}): CrashView => ({
  ...{ id: "crs_1", at: ago(240), slot: 0, instance: "ins_1", attempt: 1, exitCode: 1 },
  ...{ signal: null, oom: false, uptimeMs: 10_920_000, release: 3, reason: "crash", detail: null },
  group: 1,
  tail: ["sending 14 mails", "TypeError: Cannot read properties of undefined (reading 'to')"],
  ...some,
});

export const crashGroup = (some: Partial<CrashGroupView> = {}): CrashGroupView => ({
  ...{ id: 1, cause: "exit code 1", count: 14, isNew: true, lastCrash: "crs_1" },
  title: "TypeError: Cannot read properties of undefined (reading 'to')",
  ...{ firstAt: ago(90_000), firstRelease: 3, lastAt: ago(240), lastRelease: 3 },
  days: Array.from({ length: 30 }, (_, at) => ({
    date: ago((29 - at) * 86_400).slice(0, 10),
    count: at < 28 ? 0 : at - 21,
  })),
  ...some,
});

export const host = (some: Partial<HostView> = {}): HostView => ({
  ...{ id: "hst_1", name: "web-1", status: "online", used: 2, epoch: 1, lastHeardAt: ago(3) },
  ...{ capacity: { slots: 16, memoryBytes: 8_589_934_592, cpus: 4 }, joinedAt: ago(172_800) },
  heldMemoryBytes: 0,
  heldCpus: 0,
  region: null,
  labels: {},
  cordoned: false,
  drainUntil: null,
  lostAt: null,
  frozen: null,
  facts: { agentVersion: "0.1.0", os: "Debian GNU/Linux 12", arch: "x64", containment: "cgroup" },
  ...some,
});

export const line = (at: number, some: Partial<LogLine> = {}): LogLine => ({
  ...{ at: ago(0), stream: "stdout", slot: 0, instance: "ins_1", release: 3 },
  ...{ text: `line ${at}`, cursor: `${Math.floor(at / 100) + 1}.${(at % 100) + 1}` },
  ...some,
});

export const ADMIN = { name: "ada", role: "admin", project: { id: "prj_1", name: "shop" } };
