// `coppice rollback`: shows what would be different, asks, and asks for exactly what was shown.
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeControlPlane } from "./fake.ts";
import { at, cli } from "./run.ts";
import { deployView } from "./views.ts";

let plane: FakeControlPlane;
beforeEach(async () => {
  plane = await new FakeControlPlane().start();
});
afterEach(() => plane.stop());

const asked = () => plane.changes.map(({ body, method, path }) => ({ body, method, path }));

test("shows commit, commands and names of variables, and then goes back", async () => {
  const run = await cli(["rollback", "mailer", "v3", "--yes"], { env: at(plane.url) });
  expect(run.code).toBe(0);
  for (const line of [
    "from  v4  a1b2c3d Send mails",
    "to    v3  b1b2c3d Send",
    "commits that go: b1b2c3d..a1b2c3d",
    "start: node mailer.js → node old.js",
    "+ OLD (version 1)",
    "- NEW (version 2)",
    "~ SET (version 2 → 1)",
  ])
    expect(run.stderr).toContain(line);
  expect(asked()).toEqual([
    {
      ...{ method: "POST", path: expect.stringMatching(/\/rollbacks$/) },
      body: { release: 3 },
    },
  ]);
});

test("without a number goes to what was live before, as the deploys tell it", async () => {
  const live = (number: number, release: number) => deployView({ number, release, status: "live" });
  plane.deploys = [live(9, 4), live(8, 4), deployView({ number: 7, status: "failed" }), live(6, 3)];
  const run = await cli(["rollback", "--yes", "--no-wait"], { env: at(plane.url) });
  expect(run.code).toBe(0);
  expect(asked()[0]?.body).toEqual({ release: 3 });
});

test("where nothing was live before, says so and asks for nothing", async () => {
  plane.deploys = [deployView({ number: 5, release: 4, status: "live" })];
  const run = await cli(["rollback", "mailer", "--yes"], { env: at(plane.url) });
  expect(run.code).toBe(5);
  expect(run.stderr).toContain("nothing to go to");
  expect(asked()).toEqual([]);
});

test("asks first; without a terminal it wants --yes, and nothing is done", async () => {
  const run = await cli(["rollback", "mailer", "3"], { env: at(plane.url) });
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("Roll mailer back to v3?");
  expect(asked()).toEqual([]);
});

test("what is no release is a slip", async () => {
  const run = await cli(["rollback", "mailer", "main"], { env: at(plane.url) });
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("is no release, such as v12");
});
