// The plan of `up`: what it comes to, that --dry-run prints it and changes nothing, and that nothing is done while
// something stands in the way.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { WantedWorker } from "../../cli/file/wanted.ts";
import { makePlan, type Present } from "../../cli/plan/plan.ts";
import { planJson, planLines } from "../../cli/plan/show.ts";
import { deployView, FakeControlPlane, worker } from "./fake.ts";
import { at, cli, emptyFolder } from "./run.ts";

const wanted = (over: Partial<WantedWorker> = {}): WantedWorker => ({
  ...{ name: "mailer", repo: "https://github.com/acme/shop", branch: "main", rootDir: "." },
  ...{
    buildCommand: "npm ci",
    predeployCommand: null,
    startCommand: "node mailer.js",
    instances: null,
    mode: "available",
  },
  ...{ stopSignal: "SIGTERM", stopGraceMs: 30_000, env: {}, secrets: [] },
  ...{ memoryBytes: null, cpus: null, pids: null, openFiles: null },
  ...{ hosts: {}, rollout: "start-first" },
  ...over,
});
const present = (over: Parameters<typeof worker>[0] = {}, envNames: string[] = []): Present => ({
  worker: worker(over),
  envNames,
});
const types = (...args: Parameters<typeof makePlan>) =>
  makePlan(...args).operations.map(({ type }) => type);

describe("the plan", () => {
  test("a worker that is not there is made, which deploys it", () => {
    expect(types([wanted()], [])).toEqual(["create"]);
  });

  test("one that is as wanted is only deployed", () => {
    expect(types([wanted()], [present()])).toEqual(["deploy"]);
  });

  test("what differs is changed first, field by field, against the version that was seen", () => {
    const { operations } = makePlan(
      [wanted({ startCommand: "node b.js", instances: 5 })],
      [present()],
    );
    expect(operations[0]).toMatchObject({
      ...{ type: "change", specVersion: 3, patch: { startCommand: "node b.js", instances: 5 } },
      changes: [
        { field: "start", from: "node mailer.js", to: "node b.js" },
        { field: "instances", from: "2", to: "5" },
      ],
    });
    expect(operations[1]?.type).toBe("deploy");
  });

  test("memory, cores, labels and mode are compared, and shown as the file says them", () => {
    const hosts = { disk: "ssd", region: "eu" };
    const limits = { memoryBytes: 536_870_912, cpus: 0.5, openFiles: 4_096 };
    const wish = wanted({ ...limits, hosts, mode: "exclusive" });
    const { operations } = makePlan([wish], [present()]);
    expect(operations[0]).toMatchObject({
      patch: { ...limits, hosts, mode: "exclusive" },
      changes: [
        { field: "mode", from: "available", to: "exclusive" },
        { field: "memory", from: "none", to: "512M" },
        { field: "cpus", from: "none", to: "0.5" },
        { field: "open_files", from: "none", to: "4096" },
        { field: "hosts", from: "any", to: "disk=ssd, region=eu" },
      ],
    });
    const there = present({ ...limits, mode: "exclusive" });
    const swapped = { ...there, worker: { ...there.worker, hosts: { region: "eu", disk: "ssd" } } };
    expect(types([wish], [swapped])).toEqual(["deploy"]);
    // What the file leaves out is no longer asked for.
    expect(makePlan([wanted()], [swapped]).operations[0]).toMatchObject({
      patch: {
        memoryBytes: null,
        cpus: null,
        hosts: {},
        mode: "available",
      },
    });
  });

  test("where exclusive is chosen, what it costs is said", () => {
    const costs =
      /exclusive: at most one per slot; an outage of the control plane stops its instances after 40 s, and they come back by themselves/;
    for (const there of [[], [present()]]) {
      const { operations } = makePlan([wanted({ mode: "exclusive", cpus: 2 })], there);
      const lines = planLines(operations, (_, text) => text).join("\n");
      expect(lines).toMatch(costs);
      expect(lines).toMatch(/cpus/);
    }
    const { operations } = makePlan([wanted()], []);
    expect(planLines(operations, (_, text) => text).join("\n")).not.toMatch(/mode|memory|cpus/);
  });

  test("scaling by hand stays where the file says no number", () => {
    expect(types([wanted({ instances: null })], [present({ instances: 7 })])).toEqual(["deploy"]);
  });

  test("variables go in before the deploy; values are never printed", () => {
    const { operations } = makePlan([wanted({ env: { KEY: "very-secret" } })], [present()]);
    expect(operations.map(({ type }) => type)).toEqual(["env", "deploy"]);
    const shown =
      planLines(operations, (_, text) => text).join("\n") + JSON.stringify(planJson(operations));
    expect(shown).toContain("KEY");
    expect(shown).not.toContain("very-secret");
  });

  test("workers that the file does not name are left, and that is said", () => {
    const { operations } = makePlan([wanted()], [present(), present({ name: "old" })]);
    expect(operations.at(-1)).toEqual({ type: "leave", name: "old" });
  });

  test("secrets without a value stand in the way", () => {
    const plan = makePlan(
      [wanted({ secrets: ["A", "B", "C"], env: { C: "1" } })],
      [present({}, ["A"])],
    );
    expect(plan.missing).toEqual([{ worker: "mailer", name: "B" }]);
  });
});

describe("coppice up", () => {
  let plane: FakeControlPlane;
  beforeEach(async () => {
    plane = await new FakeControlPlane().start();
  });
  afterEach(() => plane.stop());

  function folder(toml: string): string {
    const path = emptyFolder();
    writeFileSync(join(path, "coppice.toml"), `repo = "https://github.com/acme/shop"\n${toml}`);
    return path;
  }
  const up = (toml: string, ...more: string[]) =>
    cli(["up", ...more], { cwd: folder(toml), env: at(plane.url) });

  test("--dry-run prints the very plan and changes nothing", async () => {
    const { code, stdout } = await up('[workers.queue]\nstart = "node q.js"', "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toContain("+ create queue");
    expect(stdout).toContain(". leave mailer");
    expect(plane.changes).toEqual([]);
  });

  test("carries it out in order, and follows the deploy", async () => {
    const toml = '[env]\nA = "1"\n[workers.mailer]\nstart = "node new.js"\nbuild = "npm ci"';
    const { code, stdout, stderr } = await up(toml, "--yes");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mailer {2}deploy 5 {2}● live {2}v5 {2}a1b2c3d Send mails {2}.*\n$/);
    expect(stderr).toContain("~ change mailer");
    expect(
      plane.changes.map(({ method, path }) => `${method} ${path.split("/mailer")[1]}`),
    ).toEqual(["PATCH ", "PUT /env", "POST /deploys"]);
    expect(plane.changes[0]?.headers["if-match"]).toBe('"3"');
    expect(plane.changes[2]?.headers["idempotency-key"]).toBeTruthy();
  });

  test("a deploy that fails ends with 1, with its reason and last lines", async () => {
    plane.deploys = [
      deployView({
        status: "failed",
        reason: "`npm ci` exited with 7.",
        tail: ["no compiler"],
        release: null,
      }),
    ];
    const { code, stdout, stderr } = await up(
      '[workers.mailer]\nstart = "node mailer.js"',
      "--yes",
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^mailer {2}deploy 5 {2}● failed .*\n$/);
    expect(stderr).toContain("`npm ci` exited with 7.");
    expect(stderr).toContain("│ no compiler");
    expect(stderr).toContain("try: coppice deploys mailer 5");
  });

  test("--timeout ends with 124 while the deploy goes on", async () => {
    plane.deploys = [deployView({ status: "building", endedAt: null })];
    const { code, stderr } = await cli(["deploy", "--timeout", "1ms"], {
      ...{ cwd: emptyFolder(), env: at(plane.url) },
    });
    expect(code).toBe(0 + 124);
    expect(stderr).toContain("it goes on");
  });

  test("Ctrl-C ends with 130 and says that the deploy goes on", async () => {
    plane.deploys = [deployView({ status: "building", endedAt: null })];
    const control = new AbortController();
    const ended = cli(["deploy"], { env: at(plane.url), signal: control.signal });
    const looked = ({ method, path }: { method: string; path: string }) =>
      method === "GET" && path.includes("/deploys/");
    await vi.waitFor(() => expect(plane.asked.some(looked)).toBe(true), 10_000);
    control.abort(new Error("interrupted"));
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain("The deploy goes on");
  });

  test("somebody else's change in between is 5, with what to do", async () => {
    plane.fail("PATCH /v1/projects/shop/workers/mailer", "precondition_failed");
    const { code, stderr } = await up('[workers.mailer]\nstart = "node other.js"', "--yes");
    expect(code).toBe(5);
    expect(stderr).toContain("run it again");
    expect(plane.changes.some(({ path }) => path.endsWith("/deploys"))).toBe(false);
  });

  test("a missing secret stops it before anything is changed", async () => {
    const { code, stderr } = await up(
      'secrets = ["STRIPE_KEY"]\n[workers.mailer]\nstart = "x"',
      "--yes",
    );
    expect(code).toBe(1);
    expect(stderr).toContain("try: coppice env set STRIPE_KEY -w mailer");
    expect(plane.changes).toEqual([]);
  });

  test("env set refuses an empty stdin, and says when nothing changed", async () => {
    const env = at(plane.url);
    for (const stdin of ["", "\n"]) {
      const { code, stderr } = await cli(["env", "set", "KEY", "-w", "mailer"], { env, stdin });
      expect(code).toBe(2);
      expect(stderr).toContain("Stdin is empty, so there is no value for KEY.");
    }
    expect(plane.changes).toEqual([]);
    const empty = await cli(["env", "set", "KEY=", "-w", "mailer"], { env });
    expect(empty.code).toBe(0);
    plane.changedEnv = [];
    const same = await cli(["env", "set", "A=1", "-w", "mailer"], { env });
    expect(same.stderr).toContain("mailer: all set so already");
  });

  test("env set makes a worker that only the file knows, without deploying it", async () => {
    const cwd = folder('[workers.queue]\nstart = "node q.js"');
    const { code } = await cli(["env", "set", "KEY"], {
      cwd,
      env: at(plane.url),
      stdin: "s3cret\n",
    });
    expect(code).toBe(0);
    expect(plane.changes.map(({ method, body }) => ({ method, body }))).toMatchObject([
      { method: "POST", body: { name: "queue", deploy: false } },
      { method: "PUT", body: { set: { KEY: "s3cret" } } },
    ]);
  });
});
