// What a worker's object says of its newest deploy: from the asking on, through the build, to what is live after a failure.
import { beforeAll, expect, it } from "vitest";
import type { DeployInput, EnvSnapshot } from "../../src/rpc.ts";
import { makeLive } from "./live.ts";
import { freshId, prepareD1, until } from "./support.ts";

beforeAll(prepareD1);

const env = (version: number): EnvSnapshot => ({ version, wrappedKey: "", entries: [] });
const wish = (more: Partial<DeployInput> = {}): DeployInput => ({
  ...{
    deployId: freshId("deploy"),
    kind: "deploy",
    ref: null,
    actor: "me",
    env: env(2),
    git: null,
  },
  ...more,
});

it("is the one on its way, else the live one; never a failed one or a restart", async () => {
  const { worker, agent, host } = await makeLive(1);
  const newest = async () => (await worker.rpc.overview())?.newest;
  const live = async (number: number) =>
    until(async () => (await worker.rpc.deployByNumber(number))?.status === "live", "live");
  await live(1);
  const first = { ref: "main", made: { startCommand: "node mailer.js" }, env: { version: 1 } };
  expect(await newest()).toMatchObject(first);
  await worker.rpc.deploy(wish({ kind: "restart", env: null }));
  expect(await newest()).toMatchObject(first);
  await live(2);
  host.obedient = false;
  await worker.apply({ startCommand: "node faster.js" });
  // A spec that nothing was deployed of is no deploy.
  expect(await newest()).toMatchObject(first);
  await worker.rpc.deploy(wish({ ref: "next" }));
  const second = { ref: "next", made: { startCommand: "node faster.js" }, env: { version: 2 } };
  expect(await newest()).toMatchObject(second);
  const build = await until(() => agent.desired?.builds[0], "the build");
  await worker.apply({ startCommand: "node later.js" });
  expect(await newest()).toMatchObject(second);
  const outcome = {
    kind: "failed" as const,
    reason: "build_failed" as const,
    message: "No.",
    tail: [],
  };
  agent.report({ builds: [{ deployId: build.deployId, steps: [], outcome }] });
  await until(async () => (await worker.rpc.deployByNumber(3))?.status === "failed", "the failure");
  expect(await newest()).toMatchObject(first);
  host.obedient = true;
  await worker.rpc.deploy(wish());
  await live(4);
  const third = { made: { startCommand: "node later.js" }, env: { version: 2 } };
  expect(await newest()).toMatchObject(third);
  await worker.rpc.rollback({ deployId: freshId("deploy"), release: null, actor: "me" });
  expect(await newest()).toMatchObject({ ...first, ref: null });
  await live(5);
  expect(await newest()).toMatchObject({ ...first, ref: null });
});
