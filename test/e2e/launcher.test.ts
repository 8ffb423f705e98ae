// `npm start` as a stranger meets it: in a fresh clone, with a state directory of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { CrashView, WorkerView } from "../../protocol/rest.ts";
import { Api } from "../../scripts/local/api.ts";
import { programsOf } from "../../scripts/local/host.ts";
import { commandLine, identify, signal } from "../../scripts/local/identity.ts";
import { statePaths } from "../../scripts/local/state.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { freePort } from "../support/cluster.ts";
import { THOROUGH } from "../support/thorough.ts";

const root = resolve(import.meta.dirname, "../..");

let directory: string;
let checkout: string;
let port: number;
const launchers: Launcher[] = [];

/** A clone of what is on the disk now, committed. */
function makeCheckout(): string {
  const target = join(directory, "a fresh clone");
  const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const names = execFileSync("git", ["-C", root, ...listed], { encoding: "utf8" }).split("\0");
  for (const name of names) {
    const from = join(root, name);
    if (name !== "" && existsSync(from) && !from.startsWith(join(root, "node_modules")))
      cpSync(from, join(target, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(target, "node_modules"));
  const git = (...args: string[]) =>
    execFileSync("git", [
      "-C",
      target,
      "-c",
      "user.name=T",
      "-c",
      "user.email=t@example.org",
      ...args,
    ]);
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all", ":!node_modules");
  git("commit", "--quiet", "-m", "All of it");
  return target;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "coppice-start-"));
  checkout = makeCheckout();
  port = await freePort();
});
afterEach(async () => {
  // Only what a failed test left.
  for (const launcher of launchers.splice(0)) await launcher.end();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

class Launcher {
  readonly child: ChildProcess;
  text = "";

  constructor(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn("npm", ["start", "--silent", "--", ...args], {
      cwd: checkout,
      detached: true,
      env: {
        ...process.env,
        NO_COLOR: "1",
        COPPICE_STATE_DIR: join(directory, "state"),
        COPPICE_PORT: String(port),
        ...env,
      },
    });
    launchers.push(this);
    const take = (chunk: Buffer) => {
      this.text += chunk.toString("utf8");
    };
    this.child.stdout?.on("data", take);
    this.child.stderr?.on("data", take);
  }

  /** Waits for a line; ms since the call. */
  async says(pattern: RegExp, withinMs: number): Promise<number> {
    const startedAt = performance.now();
    try {
      await waitUntil({ what: String(pattern), withinMs }, () => pattern.test(this.text));
    } catch (error) {
      throw new Error(`${error}\nthe terminal shows:\n${this.text}`);
    }
    return performance.now() - startedAt;
  }

  async ended(withinMs = 20_000): Promise<number | null> {
    await waitUntil({ what: `the launcher to end\n${this.text}`, withinMs }, () => {
      return this.child.exitCode !== null || this.child.signalCode !== null;
    });
    return this.child.exitCode;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    if (this.child.pid !== undefined) signal(-this.child.pid, "SIGINT");
    await this.ended();
  }

  /** What a terminal does at Ctrl-C: the whole foreground group gets INT. npm itself then ends by that signal. */
  async ctrlC(): Promise<void> {
    if (this.child.pid !== undefined) signal(-this.child.pid, "SIGINT");
    await this.ended();
    expect(this.text).toContain("ended. `npm start` goes on from here.");
  }
}

/** Processes that name this test's directory in their command line, and programs. */
function leftovers(): string[] {
  const paths = statePaths(join(directory, "state"));
  const named = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(directory))
    .filter((line) => identify(Number.parseInt(line, 10)) !== null);
  return [...named, ...programsOf(paths).map((pid) => `${pid} ${commandLine(pid)}`)];
}

test("shows started, working, crashed with its code and back within 30 s; Ctrl-C ends all; a second start goes on", async () => {
  const startedAt = performance.now();
  const first = new Launcher();
  await first.says(/started/, 30_000);
  await first.says(/job \d+ resized/, 10_000);
  // A second one on the same directory is refused in one line.
  const twice = new Launcher();
  expect(await twice.ended()).toBe(1);
  expect(twice.text.trim().split("\n")).toHaveLength(1);
  expect(twice.text).toContain("already runs");
  await first.says(/crash.*\b1\b/i, 25_000);
  await first.says(/second try/, 10_000);
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`started, working, crashed, back after ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(30);
  await first.says(/kill -9 \d+/, 5_000);

  const localFile = join(directory, "state", "local.json");
  expect(statSync(localFile).mode & 0o777).toBe(0o600);
  const local = JSON.parse(readFileSync(localFile, "utf8")) as Record<string, string>;
  expect(Object.keys(local).sort()).toEqual(["project", "token", "url"]);
  const api = new Api(local.url ?? "", local.token ?? "");
  const sample = `/v1/projects/${local.project}/workers/queue`;
  const { items: crashes } = await api.json<{ items: CrashView[] }>(`${sample}/crashes`);

  await first.ctrlC();
  expect(leftovers()).toEqual([]);

  const second = new Launcher();
  await second.says(/goes on where it was/, 20_000);
  await second.says(/job (\d{2,}) resized/, 10_000);
  // The same instance runs on, and its end with the launcher was no crash.
  await waitUntil({ what: "the sample to be running", withinMs: 10_000 }, async () => {
    return (await api.json<WorkerView>(sample)).status === "running";
  });
  const { items: after } = await api.json<{ items: CrashView[] }>(`${sample}/crashes`);
  expect(after.map((crash) => crash.reason)).toEqual(crashes.map(() => "crash"));
  await second.ctrlC();
  expect(leftovers()).toEqual([]);
}, 120_000);

test.runIf(THOROUGH)(
  "a launcher killed by kill -9 leaves nothing that the next one cannot end",
  async () => {
    const state = join(directory, "state-killed");
    const env = { COPPICE_STATE_DIR: state };
    const first = new Launcher(["--no-demo"], env);
    await first.says(/ready/, 20_000);
    const lock = JSON.parse(readFileSync(join(state, "start.lock"), "utf8")) as { pid: number };
    signal(lock.pid, "SIGKILL");
    await first.ended();
    const second = new Launcher(["--no-demo"], env);
    await second.says(/ended the keeper that an earlier start left behind/, 10_000);
    await second.says(/ready/, 20_000);
    await second.ctrlC();
    expect(leftovers()).toEqual([]);
  },
  60_000,
);

test.runIf(THOROUGH)("Ctrl-C ends a control plane that hangs, its workerd too", async () => {
  const launcher = new Launcher(["--no-demo"]);
  await launcher.says(/ready\. API/, 30_000);
  const paths = statePaths(join(directory, "state"));
  const [hanging, workerd] = ["control-plane", "workerd"].map((name) => {
    return JSON.parse(readFileSync(join(paths.run, `${name}.json`), "utf8")) as { pid: number };
  });
  signal(hanging!.pid, "SIGSTOP");
  await launcher.ctrlC();
  await launcher.ended();
  expect([identify(hanging!.pid), identify(workerd!.pid)]).toEqual([null, null]);
  expect(leftovers()).toEqual([]);
});

test("a port in use and a missing git each get one clear line", async () => {
  const server = createServer().listen(port, "127.0.0.1");
  const env = { COPPICE_STATE_DIR: join(directory, "state-refused") };
  const taken = new Launcher([], env);
  expect(await taken.ended()).toBe(1);
  server.close();
  expect(taken.text.trim()).toMatch(
    new RegExp(`^port ${port} is taken by .* \\(pid ${process.pid}\\): .*$`),
  );

  const bin = join(directory, "bin");
  execFileSync("mkdir", ["-p", bin]);
  for (const name of ["sh", "env"]) symlinkSync(`/bin/${name}`, join(bin, name));
  const node = join(checkout, "node_modules/.bin/node");
  const gitless = spawn(node, ["scripts/start.mjs"], { cwd: checkout, env: { PATH: bin, ...env } });
  let text = "";
  gitless.stderr.on("data", (chunk) => {
    text += chunk;
  });
  await new Promise((done) => gitless.on("close", done));
  expect(gitless.exitCode).toBe(1);
  expect(text.trim()).toMatch(/^git is missing: .*$/);
}, 60_000);
