// `up`: that --dry-run prints the plan and changes nothing, that exactly the plan that was shown is carried out, and that
// nothing is done while something stands in the way.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { planLines } from "../../cli/plan/show.ts";
import { FakeControlPlane } from "./fake.ts";
import { at, cli, emptyFolder } from "./run.ts";
import { deployView } from "./views.ts";

test("where exclusive is chosen, what it costs is said", () => {
  const costs =
    /exclusive: at most one per slot; an outage of the control plane stops its instances after 40 s, and they come back by themselves/;
  const create = {
    type: "create",
    name: "a",
    fields: [],
    instances: 1,
    env: [],
    deploy: true,
  } as const;
  const change = {
    ...{ type: "change", name: "a", specVersion: 1 },
    changes: [{ field: "mode", from: "available", to: "exclusive" }],
  } as const;
  for (const operation of [{ ...create, mode: "exclusive" as const }, change]) {
    const lines = planLines([operation as never], (_, text) => text).join("\n");
    expect(lines).toMatch(costs);
  }
  const usual = planLines([{ ...create, mode: "available" } as never], (_, text) => text).join(
    "\n",
  );
  expect(usual).not.toMatch(/mode|memory|cpus/);
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
    expect(plane.asked.at(-1)?.path).toBe("/v1/projects/shop/config?dry_run=1&deploy=always");
  });

  test("carries it out in order, and follows the deploy", async () => {
    const toml = '[env]\nA = "1"\n[workers.mailer]\nstart = "node new.js"\nbuild = "npm ci"';
    const { code, stdout, stderr } = await up(toml, "--yes");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mailer {2}deploy 5 {2}● live {2}v5 {2}a1b2c3d Send mails {2}.*\n$/);
    expect(stderr).toContain("~ change mailer");
    const [planned, done] = plane.asked.filter(({ method }) => method === "PUT");
    expect([planned?.path, done?.path]).toEqual([
      "/v1/projects/shop/config?dry_run=1&deploy=always",
      "/v1/projects/shop/config?dry_run=0&deploy=always",
    ]);
    expect(done?.headers["if-match"]).toBe('"plan-1"');
    expect(done?.headers["idempotency-key"]).toBeTruthy();
    expect(done?.body).toEqual(planned?.body);
    expect(done?.body).toMatchObject({ env: { A: "1" }, workers: { mailer: { build: "npm ci" } } });
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
    plane.planned = 1;
    const { code, stderr } = await up('[workers.mailer]\nstart = "node other.js"', "--yes");
    expect(code).toBe(5);
    expect(stderr).toContain("run it again");
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
