// Going back: a release of its own with the content of an older one, at once, and nothing asked for earlier after it.
import { beforeAll, describe, expect, it } from "vitest";
import { encryptVar, makeWrappedKey, openDataKey } from "../../src/db/envelope.ts";
import type { EnvSnapshot } from "../../src/rpc.ts";
import { ended, wish } from "./deploys.ts";
import { makeLive } from "./live.ts";
import { freshId, prepareD1, realEnv, type TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

async function snapshot(
  worker: TestWorker,
  vars: Record<string, number>,
  more: Record<string, { readonly owner?: string; readonly made?: string }> = {},
): Promise<EnvSnapshot> {
  const { projectId } = worker;
  const masterKey = realEnv.COPPICE_MASTER_KEY;
  const wrappedKey = await makeWrappedKey({ masterKey, projectId });
  const key = await openDataKey(wrappedKey, { masterKey, projectId });
  const entries = await Promise.all(
    Object.entries(vars).map(async ([name, version]) => {
      const ownerId = more[name]?.owner ?? worker.id;
      const place = { projectId, ownerId, name, version };
      return { ...(await encryptVar(key, place, `${name} of ${version}`)), ...more[name] };
    }),
  );
  return { version: Math.max(0, ...Object.values(vars)), wrappedKey, entries };
}

describe("a rollback", () => {
  it("brings back files, commands and variables of the release that was live before, without a build", async () => {
    const { worker, agent } = await makeLive(2);
    await worker.apply({ startCommand: "node faster.js", stopGraceMs: 9_000 });
    await worker.rpc.deploy(wish({ env: await snapshot(worker, { FAST: 2 }) }));
    await ended(worker, 2);
    const before = agent.instances.size;
    expect(before).toBeGreaterThan(0);
    const builds = agent.channel?.of("desired").flatMap((one) => one.builds).length;
    const input = { deployId: freshId("deploy"), release: null, actor: "me" };
    const answer = await worker.rpc.rollback(input);
    expect(answer).toMatchObject({
      ok: true,
      deploy: { number: 3, kind: "rollback", release: 3, restores: 1 },
    });
    expect(await ended(worker, 3)).toMatchObject({ status: "live", release: 3, steps: [] });
    await worker.runs(2);
    expect((await worker.rpc.instances()).map((one) => one.release)).toEqual([3, 3]);
    expect(agent.desired?.releases.at(-1)).toMatchObject({
      ...{ number: 3, startCommand: "node mailer.js", stopGraceMs: 5_000, env: {} },
    });
    expect(agent.channel?.of("desired").flatMap((one) => one.builds).length).toBe(builds);
    // Asked for once more it is the same one.
    expect(await worker.rpc.rollback(input)).toMatchObject({ ok: true, deploy: { number: 3 } });
    // And back again: the release that was live before this one.
    await worker.rpc.rollback({ ...input, deployId: freshId("deploy") });
    expect(await ended(worker, 4)).toMatchObject({ status: "live", restores: 2 });
    expect(agent.desired?.releases.at(-1)).toMatchObject({
      startCommand: "node faster.js",
      env: { FAST: "FAST of 2" },
    });
    const { items } = await worker.rpc.releases({ cursor: null, limit: 10 });
    expect(items.map((one) => [one.number, one.restores, one.live, one.wasLive])).toEqual([
      [4, 2, true, true],
      [3, 1, false, true],
      [2, null, false, true],
      [1, null, false, true],
    ]);
  });

  it("cancels what was asked for earlier, whatever that is doing", async () => {
    const { worker, host } = await makeLive(1);
    await worker.rpc.deploy(wish());
    await ended(worker, 2);
    host.obedient = false;
    await worker.rpc.deploy(wish());
    await until(
      async () => (await worker.rpc.deployByNumber(3))?.status === "building",
      "a build that is under way",
    );
    host.obedient = true;
    await worker.rpc.rollback({ deployId: freshId("deploy"), release: 1, actor: "me" });
    expect(await worker.rpc.deployByNumber(3)).toMatchObject({
      status: "canceled",
      reason: "deploy 4 goes back to v1",
    });
    expect(await ended(worker, 4)).toMatchObject({ status: "live", restores: 1 });
    await worker.runs(1);
  });

  it("to a release that is not there, or from the only one, is refused in words", async () => {
    const { worker } = await makeLive(1);
    const ask = (release: number | null) =>
      worker.rpc.rollback({ deployId: freshId("deploy"), release, actor: "me" });
    expect(await ask(null)).toMatchObject({ ok: false, code: "conflict" });
    expect(await ask(9)).toMatchObject({ ok: false, code: "not_found" });
  });

  it("to a release that never was live has to show itself", async () => {
    const { worker, host, agent } = await makeLive(1);
    host.obedient = false;
    await worker.rpc.deploy(wish());
    const build = await until(() => agent.desired?.builds[0], "the build");
    agent.report({
      builds: [
        {
          deployId: build.deployId,
          steps: [],
          outcome: {
            ...{ kind: "succeeded", commit: "d".repeat(40), commitMessage: "New" },
            ...{ digest: "sha256:cd", cached: false },
          },
        },
      ],
    });
    await until(
      async () => (await worker.rpc.deployByNumber(2))?.status === "rolling_out",
      "a rollout",
    );
    await worker.rpc.cancelDeploy({ number: 2, actor: "me" });
    await worker.rpc.rollback({ deployId: freshId("deploy"), release: 2, actor: "me" });
    const newcomer = await until(
      () => agent.desired?.run.find((one) => one.release === 3),
      "the newcomer",
    );
    agent.start(newcomer.instanceId, newcomer);
    for (let i = 0; i < 3; i++) agent.crash(newcomer.instanceId);
    agent.report();
    expect(await ended(worker, 3)).toMatchObject({
      status: "reverted",
      tail: ["last words"],
    });
  });
});

describe("the difference of two releases", () => {
  it("has commit, commands and names of variables with their versions, and no value", async () => {
    const { worker } = await makeLive(1);
    await worker.rpc.deploy(wish({ env: await snapshot(worker, { GONE: 1, KEPT: 1, SET: 1 }) }));
    await ended(worker, 2);
    await worker.apply({ startCommand: "node b.js", buildCommand: "make" });
    await worker.rpc.deploy(wish({ env: await snapshot(worker, { KEPT: 1, NEW: 2, SET: 2 }) }));
    await ended(worker, 3);
    const answer = await worker.rpc.releaseDiff({ to: 2, against: null });
    expect(answer).toMatchObject({
      ok: true,
      diff: {
        from: { release: 3 },
        to: { release: 2, commit: "c".repeat(40), commitMessage: "Send mail" },
        fields: [
          { field: "buildCommand", from: "make", to: null },
          { field: "startCommand", from: "node b.js", to: "node mailer.js" },
        ],
        env: {
          added: [{ name: "GONE", version: 1 }],
          removed: [{ name: "NEW", version: 2 }],
          changed: [{ name: "SET", from: 2, to: 1 }],
        },
      },
    });
    expect(JSON.stringify(answer)).not.toMatch(/ of \d/);
    expect(await worker.rpc.releaseDiff({ to: 2, against: 2 })).toMatchObject({
      diff: { fields: [], env: { added: [], removed: [], changed: [] } },
    });
    expect(await worker.rpc.releaseDiff({ to: 9, against: null })).toMatchObject({
      ok: false,
      code: "not_found",
    });
  });

  it("has limits, whose value a variable is, and what a value was made of", async () => {
    const { worker } = await makeLive(1, { memoryBytes: 268_435_456, pids: 64 });
    const of = (made: string, owner: string) =>
      snapshot(worker, { MADE: 1, OWNED: 1 }, { MADE: { made }, OWNED: { owner } });
    await worker.rpc.deploy(wish({ env: await of("one", "grp_1") }));
    await ended(worker, 2);
    await worker.apply({ memoryBytes: 536_870_912, pids: 64 });
    await worker.rpc.deploy(wish({ env: await of("two", "grp_2") }));
    await ended(worker, 3);
    expect(await worker.rpc.releaseDiff({ to: 2, against: null })).toMatchObject({
      diff: {
        fields: [{ field: "memoryBytes", from: "536870912", to: "268435456" }],
        env: {
          ...{ added: [], removed: [] },
          changed: [
            { name: "MADE", from: 1, to: 1 },
            { name: "OWNED", from: 1, to: 1 },
          ],
        },
      },
    });
  });
});
