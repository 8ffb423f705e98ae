// One host for tests: a state directory, a real keeper and a real agent as child processes, and repositories.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AGENT_ENV } from "../../agent/flags.ts";
import { KEEPER_ENV } from "../../agent/keeper/flags.ts";
import type { Build, DesiredRelease, Report } from "../../protocol/channel.ts";
import type { PolicyOverrides } from "../../protocol/policy.ts";
import { bundled } from "./bundles.ts";
import { FakeControlPlane, type FakeWorkerObject } from "./fake-control-plane.ts";

/** The instance of most tests: not that of a file that runs beside this one, for it is found by its id. */
export const INSTANCE = `ins_${process.pid}`;

/** Small numbers for what tests wait for; the rest as in production. */
export const FAST: PolicyOverrides = {
  heartbeat: { hostPingMs: 200, workerPingMs: 200, pongTimeoutMs: 700 },
  reconnect: { firstMs: 60, eagerCapMs: 150, capMs: 200 },
  restart: { baseMs: 100, capMs: 400 },
  rollout: { soakMs: 400 },
  logs: { readMs: 20, flushMs: 100 },
};

/** Polls until `probe` gives something else than null, undefined or false; fails with `what` at the deadline. */
export async function until<T>(
  what: string,
  probe: () => T | null | undefined | false,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = probe();
    if (value !== null && value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`never happened within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

/** Gives it that long to end by itself: a keeper takes its cgroups along. */
async function ended(child: ChildProcess, withinMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
  if (child.exitCode === null && child.signalCode === null)
    await new Promise<void>((resolve) => child.once("exit", () => resolve()));
  clearTimeout(timer);
}

export class TestHost {
  readonly dir = mkdtempSync(join(tmpdir(), "coppice-agent-"));
  readonly state = join(this.dir, "state");
  readonly plane: FakeControlPlane;
  agent: ChildProcess | null = null;
  keeper: ChildProcess | null = null;
  log = "";

  constructor(plane: FakeControlPlane) {
    this.plane = plane;
    mkdirSync(this.state, { mode: 0o700 });
  }

  /** Joined and running, listed with one worker. One that does not come up leaves nothing behind. */
  static async start(policy: PolicyOverrides = FAST, { dirMode = 0o700 } = {}): Promise<TestHost> {
    const plane = await FakeControlPlane.start();
    const host = new TestHost(plane);
    // Where others may pass, programs run as users of their own.
    chmodSync(host.dir, dirMode);
    plane.policy = policy;
    plane.joinTokens.set("join-me", "fresh");
    try {
      await host.join("join-me");
      plane.list("wrk_1");
      host.startKeeper();
      host.startAgent();
      await until("the agent says hello to its worker", () => host.worker.hellos > 0);
      return host;
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  get worker(): FakeWorkerObject {
    return this.plane.worker("wrk_1");
  }

  /** Runs `coppice-agent join`; gives its exit code and all that it said. */
  join(
    token: string,
    args: readonly string[] = [],
  ): Promise<{ code: number | null; said: string }> {
    const child = spawn(
      process.execPath,
      [
        bundled("agent"),
        "join",
        "--state",
        this.state,
        "--url",
        this.plane.url,
        "--name",
        "h-1",
        ...args,
      ],
      { env: { ...process.env, TOKEN: token }, stdio: ["ignore", "pipe", "pipe"] },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk;
      });
    return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
  }

  startAgent(): void {
    const child = spawn(process.execPath, [bundled("agent"), "run", "--state", this.state], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...AGENT_ENV, AGENT_SECRET: "leak-me-not" },
    });
    child.stderr?.on("data", (chunk) => {
      this.log += chunk;
    });
    this.agent = child;
  }

  startKeeper(): void {
    const child = spawn(process.execPath, [bundled("keeper"), "--state", this.state], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...KEEPER_ENV },
    });
    child.stderr?.on("data", (chunk) => {
      this.log += chunk;
    });
    this.keeper = child;
  }

  async killAgent(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.agent !== null) await kill(this.agent, signal);
  }

  async killKeeper(): Promise<void> {
    if (this.keeper !== null) await kill(this.keeper, "SIGKILL");
  }

  /** Ends everything, programs too. */
  async stop(): Promise<void> {
    await this.killAgent();
    await this.#shutdownKeeper();
    if (this.keeper !== null) await ended(this.keeper, 3_000);
    await this.plane.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #shutdownKeeper(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(join(this.state, "keeper.sock"));
      const give = setTimeout(() => socket.destroy(), 3_000);
      socket.on("connect", () =>
        socket.write(`${JSON.stringify({ type: "shutdown", id: 1, graceMs: 0 })}\n`),
      );
      socket.on("data", () => {});
      socket.on("error", () => {});
      socket.on("close", () => {
        clearTimeout(give);
        resolve();
      });
    });
  }

  /** A git repository with these files on `main`; gives its path and the commit. */
  repo(files: Readonly<Record<string, string>>): { repo: string; commit: string } {
    return makeRepo(join(this.dir, `repo-${randomBytes(4).toString("hex")}`), files);
  }

  release(change: Partial<DesiredRelease> & { repo: string; commit: string }): DesiredRelease {
    const { repo, commit, ...rest } = change;
    return {
      number: 1,
      source: { repo, commit, rootDir: ".", buildCommand: null },
      digest: "sha256:unknown",
      startCommand: "sh run.sh",
      stopSignal: "SIGTERM",
      stopGraceMs: 2_000,
      mode: "available",
      env: {},
      allowLocalRepo: true,
      ...rest,
    };
  }

  build(change: Partial<Build> & { repo: string }): Build {
    return {
      deployId: "dep_1",
      number: 1,
      ref: "main",
      rootDir: ".",
      buildCommand: null,
      env: {},
      allowLocalRepo: true,
      deadlineMs: 20_000,
      ...change,
    };
  }

  /** Runs `script` as the one instance, and waits until it runs. */
  async runScript(script: string, change: Partial<DesiredRelease> = {}): Promise<void> {
    const { repo, commit } = this.repo({ "run.sh": script });
    this.worker.want({
      releases: [this.release({ repo, commit, ...change })],
      run: [{ instanceId: INSTANCE, slot: 0, generation: 1, release: 1 }],
    });
    await this.reported((report) => report.instances.some(({ attempt }) => attempt > 0));
  }

  reported(is: (report: Report) => boolean, withinMs?: number): Promise<Report> {
    return until(
      `such a report; the last was ${JSON.stringify(this.worker.report)}\n${this.log}`,
      () => {
        const { report } = this.worker;
        return report !== undefined && is(report) && report;
      },
      withinMs,
    );
  }

  async builds(build: Build, withinMs = 20_000) {
    const { worker } = this;
    worker.want({ builds: [build] });
    const outcome = await until(
      `build ${build.deployId} ends\n${this.log}`,
      () =>
        worker.reports
          .flatMap((report) => report.builds)
          .find((b) => b.deployId === build.deployId && b.outcome.kind !== "running"),
      withinMs,
    );
    return outcome;
  }
}

export function makeRepo(
  repo: string,
  files: Readonly<Record<string, string>>,
): { repo: string; commit: string } {
  mkdirSync(repo, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync(
      "git",
      ["-C", repo, "-c", "user.name=T", "-c", "user.email=t@example.org", ...args],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      },
    ).trim();
  git("init", "--quiet", "--initial-branch=main");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, path)), { recursive: true });
    writeFileSync(join(repo, path), content);
    if (content.startsWith("#!")) chmodSync(join(repo, path), 0o755);
  }
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "-m", "Say hello");
  return { repo, commit: git("rev-parse", "HEAD") };
}
