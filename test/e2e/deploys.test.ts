// Deploys that fail say why and move nothing else; variables take effect with the next release only.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EnvView } from "../../protocol/rest.ts";
import { Cluster, environmentOf } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";

let cluster: Cluster;
let repo: TestRepo;
let witness: WorkerHandle;
let witnessPids: number[];

beforeAll(async () => {
  repo = new TestRepo({
    "build.sh": "echo looking for the compiler\necho no compiler here >&2\nexit 7\n",
    "sub/run.sh": "echo running in $PWD\nexec sleep 1000\n",
  });
  // A secret of the agent's own environment, of which no program may see anything.
  process.env.COPPICE_E2E_SECRET = "must-not-be-seen";
  cluster = await Cluster.start();
  witness = await cluster.createWorker({
    name: "witness",
    repo: repo.path,
    startCommand: "exec sleep 1000",
    instances: 2,
  });
  witnessPids = await witness.pids(2);
  await witness.deployEnded(1);
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

describe("a deploy that cannot succeed is failed, with the reason and the last lines", () => {
  const base = { startCommand: "exec sleep 1000", instances: 1 };
  const cases = [
    {
      what: "a build that fails",
      body: () => ({ ...base, repo: repo.path, buildCommand: "sh build.sh" }),
      says: /build/i,
      tail: "no compiler here",
    },
    {
      what: "a branch that does not exist",
      body: () => ({ ...base, repo: repo.path, branch: "nowhere" }),
      says: /nowhere/,
    },
    {
      what: "a repository that does not exist",
      body: () => ({ ...base, repo: "/nonexistent/repository" }),
      says: /repositor/i,
    },
    {
      what: "a root directory that does not exist",
      body: () => ({ ...base, repo: repo.path, rootDir: "no/such/folder" }),
      says: /no\/such\/folder/,
    },
    {
      what: "a start command that does not exist",
      body: () => ({ ...base, repo: repo.path, startCommand: "no-such-program --serve" }),
      says: /./,
      tail: "no-such-program",
    },
  ];

  test.each(cases)("$what", async ({ what, body, says, tail }) => {
    const name = what.replaceAll(" ", "-");
    const worker = await cluster.createWorker({ name, ...body() });
    const deploy = await worker.deployEnded(1);
    expect(deploy.status).toBe("failed");
    expect(deploy.reason).toMatch(says);
    if (tail !== undefined) expect(deploy.tail.join("\n")).toContain(tail);
    expect((await cluster.api.fetch("/healthz")).status).toBe(200);
    expect(await witness.pids(2)).toEqual(witnessPids);
    await worker.delete();
  });

  test("an update that fails leaves the live release running", async () => {
    const worker = await cluster.createWorker({ name: "kept", repo: repo.path, ...base });
    const pids = await worker.pids(1);
    await worker.deployEnded(1);
    const failing = await worker.deploy("nowhere");
    const ended = await worker.deployEnded(failing.number);
    expect(ended.status).toBe("failed");
    expect(await worker.pids(1)).toEqual(pids);
    expect((await worker.view()).release).toBe(1);
    await worker.delete();
  });
});

describe("a program's world", () => {
  test("is its release directory and its own variables; no PORT, nothing of the agent's", async () => {
    const worker = await cluster.createWorker({
      name: "world",
      repo: repo.path,
      rootDir: "sub",
      startCommand: "sh run.sh",
      env: { GREETING: "hello", ODD: "a#b 'c' \"d\"\nsecond line" },
    });
    const [instance] = await worker.up(1);
    await worker.deployEnded(1);
    const names = environmentOf(instance?.pid ?? 0);
    const env = Object.fromEntries(names.map((entry) => splitOnce(entry)));
    expect(env).toMatchObject({
      GREETING: "hello",
      ODD: "a#b 'c' \"d\"\nsecond line",
      COPPICE_WORKER: "world",
      COPPICE_PROJECT: cluster.project.name,
      COPPICE_SLOT: "0",
      COPPICE_INSTANCE: instance?.id,
      COPPICE_GENERATION: String(instance?.generation),
      COPPICE_RELEASE: "1",
      COPPICE_COMMIT: repo.head(),
    });
    const allowed =
      /^(GREETING|ODD|PATH|HOME|LANG|PWD|OLDPWD|SHLVL|_|COPPICE_(PROJECT|WORKER|SLOT|INSTANCE|GENERATION|RELEASE|COMMIT))$/;
    expect(Object.keys(env).filter((name) => !allowed.test(name))).toEqual([]);
    await worker.logged((line) => /running in .*\/sub$/.test(line.text));
    await worker.delete();
  });

  test("changes with the next release only, and the same commit builds nothing anew", async () => {
    const worker = await cluster.createWorker({
      name: "varied",
      repo: repo.path,
      buildCommand: "date +%s%N > built-at",
      startCommand: "cat built-at; exec sleep 1000",
      env: { LEVEL: "one" },
    });
    const [before = 0] = await worker.pids(1);
    await worker.deployEnded(1);
    expect(cluster.variable(before, "LEVEL")).toBe("one");

    await worker.changeEnv({ set: { LEVEL: "two" } });
    const pending = await cluster.api.json<EnvView>(`${worker.path}/env`);
    expect(pending.version).toBeGreaterThan(pending.liveVersion ?? 0);
    expect(JSON.stringify(pending)).not.toContain("two");
    // A crash restarts the live release: still the old value.
    process.kill(before, "SIGKILL");
    await worker.crashed(1);
    const [restarted = 0] = await worker.pids(1);
    expect(restarted).not.toBe(before);
    expect(cluster.variable(restarted, "LEVEL")).toBe("one");

    const deploy = await worker.deploy();
    const ended = await worker.deployEnded(deploy.number);
    expect(ended.status).toBe("live");
    const [after = 0] = await worker.pids(1);
    expect(cluster.variable(after, "LEVEL")).toBe("two");
    const [newest, oldest] = (await worker.releases()).sort((a, b) => b.number - a.number);
    expect(newest?.digest).toBe(oldest?.digest);
    const build = ended.steps.find((step) => step.name === "build");
    expect(build?.state ?? "skipped").toBe("skipped");
    await worker.delete();
  });
});

function splitOnce(entry: string): [string, string] {
  const border = entry.indexOf("=");
  return [entry.slice(0, border), entry.slice(border + 1)];
}
