// A worker's life: created, built, live, scaled, restarted, stopped, deleted.
import { beforeAll, describe, expect, it } from "vitest";
import type { GroupId } from "../../protocol/ids.ts";
import { makePolicy } from "../../protocol/policy.ts";
import {
  decryptSnapshot,
  encryptVar,
  makeWrappedKey,
  openDataKey,
  rewrapKey,
} from "../../src/db/envelope.ts";
import type { Env } from "../../src/env.ts";
import type { HostObjectRpc, Reservation } from "../../src/rpc.ts";
import { wish } from "./deploys.ts";
import { TestHost } from "./fake-host.ts";
import { makeLive } from "./live.ts";
import { makeProject, prepareD1, realEnv, TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

describe("a worker", () => {
  it("is built, rolled out and live", async () => {
    const { worker, host } = await makeLive(2);
    const deploy = await until(async () => {
      const found = await worker.rpc.deployByNumber(1);
      return found?.status === "live" ? found : null;
    }, "a live deploy");
    expect(deploy).toMatchObject({ release: 1, commit: "c".repeat(40), actor: "tester" });
    expect(deploy.steps).toHaveLength(1);
    expect(await worker.rpc.overview()).toMatchObject({
      status: "running",
      running: 2,
      release: 1,
    });
    const releases = await worker.rpc.releases({ cursor: null, limit: 10 });
    expect(releases.items).toMatchObject([
      { number: 1, live: true, startCommand: "node mailer.js" },
    ]);
    expect(await worker.systemTexts()).toEqual(
      expect.arrayContaining([
        "deploy 1: building main",
        "deploy 1: rolling out v1",
        expect.stringMatching(/^started · attempt 1 · pid \d+$/),
        "deploy 1 is live (v1)",
      ]),
    );
    await until(async () => (await host.rpc.overview())?.used === 2, "two slots in use");
  });

  it("keeps its slots while it is scaled 5 → 2 → 0 → 3", async () => {
    const { worker, agent, host } = await makeLive(5);
    const before = new Map((await worker.rpc.instances()).map((one) => [one.slot, one.id]));
    await worker.apply({ instances: 2 });
    await worker.runs(2);
    const after = await worker.rpc.instances();
    expect(after.map((one) => [one.slot, one.id])).toEqual(
      [0, 1].map((slot) => [slot, before.get(slot)]),
    );
    await worker.apply({ instances: 0 });
    await worker.runs(0);
    expect(await worker.rpc.overview()).toMatchObject({ status: "stopped" });
    await worker.apply({ instances: 3 });
    await worker.runs(3);
    const generations = (await worker.rpc.instances()).map((one) => one.generation);
    expect(Math.min(...generations)).toBeGreaterThan(5);
    await until(() => agent.instances.size === 3, "three programs on the host");
    await until(async () => (await host.rpc.overview())?.used === 3, "three slots in use");
    const events = await worker.rpc.events({ cursor: null, limit: 100 });
    expect(events.items.filter((one) => one.kind === "scaled").map((one) => one.message)).toEqual([
      "Scaled from 0 to 3 instances.",
      "Scaled from 2 to 0 instances.",
      "Scaled from 5 to 2 instances.",
    ]);
  });

  it("is replaced instance by instance when it is restarted", async () => {
    const { worker } = await makeLive(2);
    const before = (await worker.rpc.instances()).map((one) => one.id);
    const restart = wish({ kind: "restart" });
    expect(await worker.rpc.deploy(restart)).toMatchObject({ ok: true, deploy: { number: 2 } });
    expect(await worker.rpc.deploy(restart)).toMatchObject({ ok: true, deploy: { number: 2 } });
    await until(
      async () => (await worker.rpc.deployByNumber(2))?.status === "live",
      "a live restart",
    );
    await worker.runs(2);
    for (const one of await worker.rpc.instances()) expect(before).not.toContain(one.id);
  });

  it("fails a build with its reason and last lines, and leaves the live release alone", async () => {
    const { worker, host } = await makeLive(1);
    host.buildOutcome = "failed";
    const input = wish({ ref: "next" });
    await worker.rpc.deploy(input);
    const failed = await until(async () => {
      const found = await worker.rpc.deployByNumber(2);
      return found?.status === "failed" ? found : null;
    }, "a failed deploy");
    expect(failed).toMatchObject({
      reason: "the build command ended with exit code 2",
      tail: ["make: *** no rule"],
      ref: "next",
    });
    await worker.runs(1);
    expect(await worker.rpc.overview()).toMatchObject({ status: "running", release: 1 });
  });

  it("ignores an older spec and makes its first deploy once", async () => {
    const { worker } = await makeLive(1);
    await worker.apply({ instances: 2 });
    await worker.runs(2);
    const stale = { ...worker.spec, instances: 7 };
    const answer = await worker.rpc.apply(worker.input({ specVersion: 1, spec: stale }));
    expect(answer.appliedVersion).toBe(2);
    await worker.runs(2);
    expect((await worker.rpc.deploys({ cursor: null, limit: 10 })).items).toHaveLength(1);
  });

  it("waits with a reason where there is no room, and goes on when a host comes", async () => {
    const projectId = await makeProject();
    const worker = new TestWorker(projectId);
    await worker.apply();
    expect((await worker.rpc.overview())?.status).toBe("deploying");
    await TestHost.online(projectId);
    await worker.rpc.roomFreed();
    await worker.runs(1);
  });

  it("whose variables do not open says so, begins nothing, and goes on once the key is right", async () => {
    const projectId = await makeProject();
    const [right, wrong] = [btoa("r".repeat(32)), btoa("w".repeat(32))];
    const wrappedKey = await makeWrappedKey({ masterKey: right, projectId });
    const worker = new TestWorker(projectId);
    const place = { projectId, ownerId: worker.id, name: "KEY", version: 1 };
    const dataKey = await openDataKey(wrappedKey, { masterKey: right, projectId });
    const entries = [await encryptVar(dataKey, place, "opened")];
    const useKey = (masterKey: string) =>
      worker.inside((object) => {
        const parts = object.parts as { env: Env } & typeof object.parts;
        parts.env = { ...parts.env, COPPICE_MASTER_KEY: masterKey };
        parts.rim.policy = makePolicy({ objects: { retryMs: 50 } });
      });
    await useKey(wrong);
    const host = await TestHost.online(projectId);
    const initialDeploy = { ...worker.initialDeploy, env: { version: 1, wrappedKey, entries } };
    worker.version = 1;
    await worker.rpc.apply(worker.input({ initialDeploy }));
    const reason = await until(
      async () => (await worker.rpc.deployByNumber(1))?.reason,
      "a reason",
    );
    expect(reason).toContain("COPPICE_MASTER_KEY does not open");
    expect(host.workers.get(worker.id)?.desired ?? null).toBeNull();
    await useKey(right);
    await worker.runs(1);
    const agent = await host.of(worker);
    expect(agent.desired?.releases[0]?.env).toEqual({ KEY: "opened" });
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    expect((await worker.rpc.deployByNumber(1))?.reason).toBeNull();
  });

  it("opens its releases with the new master key alone, once it was told of the new wrapping", async () => {
    const projectId = await makeProject();
    const [old, next] = [btoa("o".repeat(32)), btoa("n".repeat(32))];
    const wrappedKey = await makeWrappedKey({ masterKey: old, projectId });
    const worker = new TestWorker(projectId);
    const group = `grp_${"7".repeat(32)}` as GroupId;
    const dataKey = await openDataKey(wrappedKey, { masterKey: old, projectId });
    const of = (ownerId: string, name: string) =>
      encryptVar(dataKey, { projectId, ownerId, name, version: 1 }, `value of ${name}`);
    const entries = [
      await of(worker.id, "OWN"),
      { ...(await of(group, "SHARED")), owner: group, plain: true },
    ];
    const env = { version: 1, groups: [{ id: group, version: 1 }], wrappedKey, entries };
    const use = (keys: Partial<Env>) =>
      worker.inside((object) => {
        const parts = object.parts as { env: Env } & typeof object.parts;
        parts.env = { ...parts.env, COPPICE_MASTER_KEY_PREVIOUS: undefined as never, ...keys };
      });
    await use({ COPPICE_MASTER_KEY: next, COPPICE_MASTER_KEY_PREVIOUS: old });
    const host = await TestHost.online(projectId);
    worker.version = 1;
    await worker.rpc.apply(worker.input({ initialDeploy: { ...worker.initialDeploy, env } }));
    await worker.runs(1);
    const clear = { OWN: "value of OWN", SHARED: "value of SHARED" };
    const agent = await host.of(worker);
    expect(agent.desired?.releases[0]?.env).toEqual(clear);
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    expect((await worker.rpc.overview())?.liveEnv).toEqual({
      version: 1,
      groups: [{ id: group, version: 1 }],
    });
    const place = { masterKey: next, previousKey: old, projectId };
    await worker.rpc.rekey({ wrappedKey: await rewrapKey(wrappedKey, place) });
    const stored = await worker.inside((object) => object.parts.releases.get(1)?.env);
    await expect(
      decryptSnapshot(stored!, { masterKey: next, projectId, workerId: worker.id }),
    ).resolves.toEqual(clear);
    await expect(
      decryptSnapshot(stored!, { masterKey: old, projectId, workerId: worker.id }),
    ).rejects.toThrow(/does not open the data key/);
  });

  it("can be canceled while it builds", async () => {
    const projectId = await makeProject();
    const worker = new TestWorker(projectId);
    await worker.apply();
    expect(await worker.rpc.cancelDeploy({ number: 1, actor: "me" })).toMatchObject({
      ok: true,
      deploy: { status: "canceled" },
    });
    expect(await worker.rpc.cancelDeploy({ number: 9, actor: "me" })).toMatchObject({
      ok: false,
      code: "not_found",
    });
  });

  it("projects its status to D1 with a rising version and marks what was applied", async () => {
    const { worker } = await makeLive(1);
    const read = () =>
      realEnv.DB.prepare("SELECT * FROM worker_projections WHERE worker_id = ?")
        .bind(worker.id)
        .first();
    await worker.inside((object) => {
      object.parts.rim.policy = {
        ...object.parts.rim.policy,
        objects: { ...object.parts.rim.policy.objects, projectionMs: 10 },
      };
    });
    await worker.apply({ instances: 0 });
    const row = await until(
      async () => {
        const found = await read();
        return found?.status === "stopped" ? found : null;
      },
      "the projection",
      12_000,
    );
    expect(row.version).toBeGreaterThan(0);
  });

  it("lists follow what somebody asked for at once, its outcome too", async () => {
    const { worker } = await makeLive(1);
    const status = async () =>
      (await realEnv.DB.prepare(
        "SELECT status, running FROM worker_projections WHERE worker_id = ?",
      )
        .bind(worker.id)
        .first()) ?? {};
    await until(async () => (await status()).running === 1, "the first projection", 12_000);
    // Another one was just written, and the pace is the usual five seconds.
    const began = Date.now();
    await worker.apply({ instances: 2 });
    await worker.runs(2);
    await until(async () => (await status()).running === 2, "two in the list", 4_000);
    await worker.apply({ wanted: "stopped" });
    await until(async () => (await status()).status === "stopped", "the stop in the list", 4_000);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it("keeps a tombstone for an offline host, and empties its store once all hosts confirmed", async () => {
    const { worker, host, agent } = await makeLive(2);
    agent.channel?.ws.close();
    await worker.apply({ wanted: "deleted" });
    expect((await worker.rpc.instances()).map((one) => one.state)).toEqual([
      "stopping",
      "stopping",
    ]);
    await worker.stub.fetch("https://object/none");
    await host.connectWorker(worker.id, true);
    await until(async () => (await worker.rpc.overview()) === null, "the end of the worker");
    await until(async () => (await host.rpc.overview())?.used === 0, "its room to be free");
    expect(agent.instances.size).toBe(0);
    const left = await worker.inside((object) => ({
      events: object.parts.sql.all("SELECT * FROM events").length,
      frames: object.parts.sql.all("SELECT * FROM frames").length,
      marker: object.parts.meta.get()?.deletedAt,
    }));
    expect(left).toMatchObject({ events: 0, frames: 0, marker: expect.any(Number) });

    // A machine that was restored from an old image still runs one.
    agent.start("ins_old", { slot: 0, generation: 1, release: 1 });
    const late = await host.connectWorker(worker.id, true);
    late.report();
    await until(() => agent.instances.size === 0, "the late program to be stopped");
  });
});

describe("many instances", () => {
  it("are placed, started and ended in one go", async () => {
    const started = Date.now();
    const { worker, host } = await makeLive(200);
    console.log(`200 instances placed and healthy after ${Date.now() - started} ms`);
    await worker.apply({ wanted: "stopped" });
    await worker.runs(0);
    await until(async () => (await host.rpc.overview())?.used === 0, "the room to be free");
  });

  it("ask each host once for all that may go there, and the others for the rest", async () => {
    const projectId = await makeProject();
    const hosts = [
      await TestHost.online(projectId, 30),
      await TestHost.online(projectId, 30),
      await TestHost.online(projectId, 60),
    ];
    const worker = new TestWorker(projectId, { instances: 100 });
    let asked = 0;
    await worker.inside((object) => {
      const parts = object.parts as { env: Env } & typeof object.parts;
      const { HOST_OBJECT } = parts.env;
      const counting = {
        idFromName: (name: string) => HOST_OBJECT.idFromName(name),
        get: (id: DurableObjectId) => {
          const stub = HOST_OBJECT.get(id) as unknown as HostObjectRpc;
          return {
            confirm: (keys: string[]) => stub.confirm(keys),
            release: (keys: string[]) => stub.release(keys),
            reserve: (wanted: Reservation[]) => {
              asked++;
              return stub.reserve(wanted);
            },
          };
        },
      };
      parts.env = { ...parts.env, HOST_OBJECT: counting as unknown as DurableObjectNamespace };
    });
    await worker.apply();
    await worker.runs(100);
    const used = await Promise.all(hosts.map(async (host) => (await host.rpc.overview())?.used));
    expect(used).toEqual([30, 30, 40]);
    // One for the build.
    expect(asked).toBeLessThanOrEqual(1 + 2 * hosts.length);
  });
});

describe("a build", () => {
  it("moves to another host when its host is lost", async () => {
    const projectId = await makeProject();
    const first = await TestHost.online(projectId);
    first.obedient = false;
    const worker = new TestWorker(projectId);
    await worker.apply();
    const holder = () =>
      worker.inside((object) => object.parts.deploys.byNumber(1)?.buildHostId ?? null);
    await until(async () => (await holder()) === first.id, "the build to be placed");
    first.hostChannel?.ws.close();
    await first.rpc.remove();
    await TestHost.online(projectId);
    await worker.rpc.roomFreed();
    await worker.runs(1);
    expect((await worker.rpc.deployByNumber(1))?.status).toMatch(/rolling_out|live/);
  });

  it("canceled during the first rollout leaves nothing running", async () => {
    const projectId = await makeProject();
    const host = await TestHost.online(projectId);
    const worker = new TestWorker(projectId);
    host.obedient = false;
    await worker.apply();
    await until(
      () => (host.hostChannel?.of("workers").at(-1)?.workers as string[] | undefined)?.length,
      "the list",
    );
    const agent = await host.connectWorker(worker.id);
    await until(() => agent.desired?.builds.length, "the build");
    agent.obey(agent.desired!);
    await until(() => agent.desired?.run.length, "the instance");
    expect(await worker.rpc.cancelDeploy({ number: 1, actor: "me" })).toMatchObject({ ok: true });
    await until(() => agent.desired?.stop.length, "the tombstone");
    host.obedient = true;
    agent.obey(agent.desired!);
    await until(async () => (await worker.rpc.instances()).length === 0, "nothing to be left");
  });
});
