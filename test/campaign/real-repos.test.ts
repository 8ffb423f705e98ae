// Real repositories on two hosts, built once: dependencies from the registry, compilers, large and many files, links,
// bits and submodules. And secrets planted in every input, which turn up nowhere.
//
// What the machine does not have (Ruby, Debian's Python, a registry) is skipped, and said so.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLine } from "../../scripts/local/identity.ts";
import { Cluster, environmentOf, QUICK_POLICY } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";

const LOOP = "exec sleep 1000";
let cluster: Cluster;
const repos: TestRepo[] = [];

beforeAll(async () => {
  cluster = await Cluster.start({
    hosts: 2,
    policy: {
      ...QUICK_POLICY,
      rollout: {
        ...QUICK_POLICY.rollout,
        startDeadlineMs: 120_000,
        soakDeadlineMs: 60_000,
        buildDeadlineMs: 300_000,
      },
    },
  });
});
afterAll(async () => {
  await cluster?.close();
  for (const repo of repos) repo.remove();
});

function has(command: string): boolean {
  try {
    execFileSync("/bin/sh", ["-c", `command -v ${command}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** How this machine reaches the registry: a build sees nothing of the agent's environment. */
function registryEnv(): Record<string, string> {
  const wanted = /^(npm_config_registry|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      wanted.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}

function makeRepo(files: Readonly<Record<string, string>>): TestRepo {
  const repo = new TestRepo(files);
  repos.push(repo);
  return repo;
}

interface Commands {
  readonly buildCommand?: string;
  readonly startCommand: string;
  readonly rootDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Live on both hosts within that time; says how long each step took. */
async function live(name: string, repo: TestRepo, commands: Commands): Promise<WorkerHandle> {
  const worker = await cluster.createWorker({ name, repo: repo.path, instances: 2, ...commands });
  const deploy = await worker.deployEnded(1, 280_000);
  const steps = deploy.steps.map((one) => `${one.name} ${one.durationMs} ms (${one.detail})`);
  console.log(`${name}: ${deploy.status} ${deploy.reason ?? ""}\n  ${steps.join("\n  ")}`);
  expect(deploy).toMatchObject({ status: "live", reason: null });
  const up = await worker.up(2, 60_000);
  expect(new Set(up.map((one) => one.hostName)).size).toBe(2);
  return worker;
}

/** Both instances wrote that line. */
async function bothSay(worker: WorkerHandle, pattern: RegExp): Promise<void> {
  await worker.logged((line) => line.slot === 0 && pattern.test(line.text), 30_000);
  await worker.logged((line) => line.slot === 1 && pattern.test(line.text), 30_000);
}

function agentLogs(): string {
  return cluster.hosts.map(({ agent }) => readFileSync(agent.spec.logFile, "utf8")).join("\n");
}

describe("a repository of", () => {
  test("Node with a dependency from the registry: the second build is served from the cache", async () => {
    const repo = makeRepo({
      "package.json": JSON.stringify({
        name: "app",
        private: true,
        type: "module",
        dependencies: { "smol-toml": "1.9.1" },
        scripts: { worker: "node worker.mjs" },
      }),
      "worker.mjs":
        'import { parse } from "smol-toml"; console.log("parsed", parse("a = 42").a); setInterval(() => {}, 1000);',
    });
    const buildCommand = "npm install --no-audit --no-fund";
    const worker = await live("node-app", repo, {
      buildCommand,
      startCommand: "npm run worker",
      env: registryEnv(),
    });
    await bothSay(worker, /parsed 42/);
    const first = (await worker.deploys())[0]?.steps.find((one) => one.name === "build");
    repo.commit({ "other.txt": "x" }, "Second");
    const second = await worker.deploy();
    const again = await worker.deployEnded(second.number, 120_000);
    expect(again.status).toBe("live");
    const build = again.steps.find((one) => one.name === "build");
    console.log(`node-app: first build ${first?.durationMs} ms, second ${build?.durationMs} ms`);
    const caches = cluster.hosts.flatMap(({ paths }) => {
      const root = join(paths.host, "cache");
      return existsSync(root) ? readdirSync(root).map((id) => join(root, id, ".npm")) : [];
    });
    expect(caches.filter(existsSync)).toHaveLength(1);
    await worker.delete();
  });

  const python = existsSync("/usr/bin/python3");
  test.skipIf(!python)(
    `Python on Debian's interpreter${python ? "" : " (skipped: no /usr/bin/python3)"}`,
    async () => {
      const repo = makeRepo({
        "worker.py":
          'import sys, time, lib\nprint("python", lib.answer(), sys.prefix, flush=True)\ntime.sleep(1000)\n',
        "lib.py": "def answer():\n    return 42\n",
      });
      const worker = await live("python-app", repo, {
        buildCommand: "/usr/bin/python3 -m venv --without-pip .venv",
        startCommand: "exec .venv/bin/python worker.py",
      });
      await bothSay(worker, /python 42 .*\.venv/);
      await worker.delete();
    },
  );

  const ruby = has("ruby");
  test.skipIf(!ruby)(`Ruby${ruby ? "" : " (skipped: no ruby here)"}`, async () => {
    const repo = makeRepo({ "worker.rb": '$stdout.sync = true\nputs "ruby #{6 * 7}"\nsleep\n' });
    const worker = await live("ruby-app", repo, { startCommand: "exec ruby worker.rb" });
    await bothSay(worker, /ruby 42/);
    await worker.delete();
  });

  test.skipIf(!has("cc"))("C with a compile step, in a folder of a monorepo", async () => {
    const repo = makeRepo({
      "services/ticker/main.c":
        '#include <stdio.h>\n#include <unistd.h>\nint main(void) { printf("compiled %d\\n", 42); fflush(stdout); for (;;) pause(); }\n',
      "services/other/README": "not this one",
    });
    const worker = await live("c-app", repo, {
      rootDir: "services/ticker",
      buildCommand: "cc -O2 -o ticker main.c",
      startCommand: "exec ./ticker",
    });
    await bothSay(worker, /compiled 42/);
    await worker.delete();
  });

  test("5,000 files, links and executable bits", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, i) => [`d${i % 50}/f${i}.txt`, `file ${i}\n`]),
    );
    const repo = makeRepo(files);
    symlinkSync("d1/f1.txt", join(repo.path, "link"));
    symlinkSync("d1", join(repo.path, "folder"));
    writeFileSync(join(repo.path, "run"), "#!/bin/sh\necho executable; exec sleep 1000\n");
    chmodSync(join(repo.path, "run"), 0o755);
    repo.commit({}, "Links and bits");
    const worker = await live("many-files", repo, {
      startCommand:
        'echo "$(find . -name "*.txt" -type f | wc -l) $(cat link) $(cat folder/f51.txt)"; exec ./run',
    });
    await bothSay(worker, /^5000 file 1 file 51/);
    await bothSay(worker, /^executable/);
    await worker.delete();
  });

  test("200 MB: in parts, on both hosts, and no agent holds it in memory", async () => {
    const repo = makeRepo({ "a.txt": "a" });
    const peaks = () =>
      [cluster.workerdPid ?? 0, ...cluster.hosts.map(({ agent }) => agent.pid ?? 0)].map((pid) => {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
      });
    const before = peaks();
    const worker = await live("large", repo, {
      buildCommand: "head -c 200000000 /dev/urandom > data && sha256sum data > sum",
      startCommand: `sha256sum -c sum && ${LOOP}`,
    });
    await bothSay(worker, /^data: OK/);
    const after = peaks();
    console.log(
      `peak MB of workerd and both agents: ${before.map(Math.round)} → ${after.map(Math.round)}`,
    );
    // The local store runs inside workerd and collects its garbage late: its peak is told, not judged.
    for (const [at, peak] of after.entries())
      if (at > 0) expect(peak - (before[at] ?? 0)).toBeLessThan(190);
    await worker.delete();
  });

  test("submodules: the rest is built, and the build says which were not fetched", async () => {
    const inner = makeRepo({ "x.txt": "x" });
    const repo = makeRepo({ "a.txt": "a" });
    const allow = ["-c", "protocol.file.allow=always"];
    const who = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", repo.path, ...allow, ...who, ...args], { stdio: "ignore" });
    git("submodule", "--quiet", "add", inner.path, "vendor/lib");
    git("commit", "-qm", "Submodule");
    const worker = await live("modules", repo, { startCommand: LOOP });
    const fetch = (await worker.deploys())[0]?.steps.find((one) => one.name === "fetch");
    expect(fetch?.detail).toContain("Submodules are not fetched: vendor/lib");
    await worker.delete();
  });
});

describe("a poison release leaves the live one alone", () => {
  test.each([
    ["crashes at once", "exit 1"],
    ["exits 0 at once", "exit 0"],
    ["crashes a moment later", "sleep 0.4; exit 3"],
  ])("that %s", async (name, startCommand) => {
    const repo = makeRepo({ "a.txt": "a" });
    const worker = await live(`poison-${name.replaceAll(" ", "-")}`, repo, { startCommand: LOOP });
    const standing = await worker.pids(2);
    await worker.patch({ startCommand });
    const deploy = await worker.deploy();
    const ended = await worker.deployEnded(deploy.number, 60_000);
    expect(ended.status).toBe("reverted");
    expect(await worker.pids(2)).toEqual(standing);
    await worker.delete();
  });

  test("whose tree has a link out of it", async () => {
    const repo = makeRepo({ "a.txt": "a" });
    const worker = await live("leaky", repo, { startCommand: LOOP });
    const standing = await worker.pids(2);
    await worker.patch({ buildCommand: "ln -s ../../../../secrets leak" });
    const ended = await worker.deployEnded((await worker.deploy()).number, 60_000);
    expect(ended).toMatchObject({ status: "failed", reason: expect.stringContaining("`leak`") });
    expect(await worker.pids(2)).toEqual(standing);
    await worker.delete();
  });
});

describe("a secret", () => {
  const SECRETS = {
    env: "planted-in-env-7f3a",
    token: "planted-in-token-91bc",
  };

  /** Every file of the control plane and of the hosts that holds it. */
  function holders(secret: string, except: RegExp): string[] {
    return readdirSync(cluster.paths.root, { recursive: true, encoding: "utf8" })
      .map((name) => join(cluster.paths.root, name))
      .filter((path) => {
        try {
          return (
            statSync(path).isFile() && !except.test(path) && readFileSync(path).includes(secret)
          );
        } catch {
          return false;
        }
      });
  }

  test("planted in a variable or a git credential is in no store, log, answer or argument", async () => {
    const repo = makeRepo({ "a.txt": "a" });
    const worker = await live("secretive", repo, {
      startCommand: LOOP,
      env: { API_KEY: SECRETS.env },
    });
    const body = { kind: "token", token: SECRETS.token };
    await cluster.api.json(`${worker.path}/git-credential`, { method: "PUT", body });
    const shown = await cluster.api.json(`${worker.path}/git-credential`);
    expect(shown).toMatchObject({ kind: "token" });
    repo.commit({ "b.txt": "b" }, "Second");
    expect((await worker.deployEnded((await worker.deploy()).number, 60_000)).status).toBe("live");
    const [pid = 0] = await worker.pids(2);
    expect(environmentOf(pid)).toContain(`API_KEY=${SECRETS.env}`);
    for (const secret of Object.values(SECRETS)) {
      // What an instance is given is on its own host alone, readable for its owner.
      const known = secret === SECRETS.env ? "|workers/[^/]+/masks\\.json$" : "";
      const own = new RegExp(`/hosts/[^/]+/host/(instances|keeper|journal${known})`);
      const found = holders(secret, own);
      expect(found, secret).toEqual([]);
      const told = await Promise.all(
        ["", "/env", "/deploys", "/releases", "/events", "/crashes", "/git-credential"].map(
          async (rest) => JSON.stringify(await cluster.api.json(`${worker.path}${rest}`)),
        ),
      );
      expect(told.filter((text) => text.includes(secret))).toEqual([]);
      expect(agentLogs()).not.toContain(secret);
      const arguments_ = readdirSync("/proc").filter(
        (name) => /^\d+$/.test(name) && commandLine(Number(name)).includes(secret),
      );
      expect(arguments_).toEqual([]);
    }
    await worker.delete();
  });
});

describe("what is left of a deleted worker", () => {
  test("goes from its hosts: HOME, cache and releases", async () => {
    const repo = makeRepo({ "a.txt": "gone" });
    const worker = await live("leaving", repo, {
      buildCommand: "echo cached > $HOME/kept",
      startCommand: `echo data > $HOME/data; ${LOOP}`,
    });
    const { id } = await worker.view();
    const places = cluster.hosts.flatMap(({ paths }) => [
      join(paths.host, "homes", id),
      join(paths.host, "cache", id),
    ]);
    expect(places.filter(existsSync).length).toBeGreaterThanOrEqual(3);
    await worker.delete();
    await expect
      .poll(() => places.filter(existsSync), { timeout: 40_000, interval: 500 })
      .toEqual([]);
  });
});
