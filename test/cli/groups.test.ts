// Groups of variables on the command line.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeControlPlane } from "./fake.ts";
import { at, cli } from "./run.ts";
import { worker } from "./views.ts";

let plane: FakeControlPlane;
beforeEach(async () => {
  plane = await new FakeControlPlane().start();
});
afterEach(() => plane.stop());
const run = (...args: string[]) => cli(args, { env: at(plane.url), stdin: "pg://db\n" });

describe("env --group", () => {
  test("sets what all its workers get, and says whom to deploy", async () => {
    const { code, stderr } = await run("env", "set", "DATABASE_URL", "--group", "shared");
    expect(code).toBe(0);
    expect(plane.changes).toMatchObject([
      {
        method: "PUT",
        path: "/v1/projects/shop/groups/shared/env?deploy=0",
        body: { set: { DATABASE_URL: "pg://db" }, plain: false },
      },
    ]);
    expect(stderr).toContain("In force with the next deploy: coppice deploy mailer");
  });

  test("--deploy deploys and follows them; what could not be deployed is said and ends with 1", async () => {
    const fine = await run("env", "set", "A=1", "-g", "shared", "--deploy");
    expect(fine.code).toBe(0);
    expect(fine.stdout).toMatch(/^mailer {2}deploy 5 {2}● live/);
    plane.groupDeploys.push({
      worker: "queue",
      number: null,
      problem: "X refers to Y, which is not set.",
    });
    const { code, stderr } = await run("env", "set", "A=1", "-g", "shared", "--deploy");
    expect(code).toBe(1);
    expect(stderr).toContain("queue was not deployed: X refers to Y, which is not set.");
  });

  test("a near miss is named, and a worker besides is refused", async () => {
    const missed = await run("env", "--group", "shred");
    expect(missed.code).toBe(3);
    expect(missed.stderr).toContain("shared");
    const both = await run("env", "set", "A=1", "-g", "shared", "-w", "mailer");
    expect(both.code).toBe(2);
    expect(plane.changes).toEqual([]);
  });

  test("export prints names alone, import sends the text", async () => {
    expect((await run("env", "export", "-g", "shared")).stdout).toBe("DATABASE_URL=\n");
    await run("env", "import", "-", "-g", "shared", "--plain", "--replace");
    expect(plane.changes[0]?.body).toEqual({ dotenv: "pg://db\n", replace: true, plain: true });
  });
});

describe("coppice groups", () => {
  test("attach puts it last, detach takes it out, against the version that was seen", async () => {
    plane.workers = [worker({ groups: ["shared", "other"] })];
    expect((await run("groups", "attach", "shared", "mailer")).code).toBe(0);
    expect(plane.changes[0]).toMatchObject({ body: { groups: ["other", "shared"] } });
    expect(plane.changes[0]?.headers["if-match"]).toBe('"3"');
    plane.groups = [
      ...plane.groups,
      { ...plane.groups[0]!, id: `grp_${"9".repeat(32)}`, name: "other" },
    ];
    expect((await run("groups", "detach", "other", "mailer")).code).toBe(0);
    expect(plane.changes[1]).toMatchObject({ body: { groups: ["shared"] } });
    await run("groups", "detach", "shared", "mailer");
    expect(plane.changes[2]?.body).toEqual({ groups: [] });
  });

  test("env shows from which group a variable comes, and that it waits for a deploy", async () => {
    plane.env = {
      ...plane.env,
      groups: [{ name: "shared", version: 3, liveVersion: 2, names: ["A", "DATABASE_URL"] }],
    };
    const { stdout, stderr } = await run("env");
    expect(stdout).toMatch(/^A +.* live$/m);
    expect(stdout).toMatch(/^DATABASE_URL +shared +.*pending/m);
    expect(stderr).toContain("coppice deploy mailer");
  });
});
