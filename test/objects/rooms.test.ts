// Room on hosts: who admits, who waits and why, and what a control plane that stands still or is away does to that.
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Env } from "../../src/env.ts";
import { CREDENTIAL, sealedCredential } from "./credentials.ts";
import { ended, wish } from "./deploys.ts";
import { TestHost } from "./fake-host.ts";
import { ahead, hang } from "./faults.ts";
import { makeLive } from "./live.ts";
import { freshId, makeProject, prepareD1, TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

describe("room", () => {
  const place = (kind: "instance" | "build" = "instance") =>
    ({
      key: freshId(kind === "build" ? "deploy" : "instance"),
      workerId: freshId("worker"),
      kind,
      ...{ memoryBytes: 0, cpus: 0 },
    }) as const;

  const asks = async (host: TestHost, one = place()) =>
    (await host.rpc.reserve([one])).admitted.length === 1;

  it("is never given out twice, however many ask at once, one by one or together", async () => {
    const host = await TestHost.online(await makeProject(), 50);
    const some = (count: number) => Array.from({ length: count }, () => place());
    const answers = await Promise.all(
      [...some(40).map((one) => [one]), ...Array.from({ length: 10 }, () => some(7))].map(
        (wanted) => host.rpc.reserve(wanted),
      ),
    );
    expect(answers.flatMap((one) => one.admitted)).toHaveLength(50);
    expect(answers.filter((one) => one.admitted.length < 7 && one.refused === "full").length).toBe(
      9,
    );
    expect((await host.rpc.overview())?.used).toBe(50);
    expect(await asks(host, place("build"))).toBe(true);
  });

  it("is answered alike when asked again, and free again when given back", async () => {
    const host = await TestHost.online(await makeProject(), 1);
    const mine = place();
    const first = await host.rpc.reserve([mine]);
    expect(await host.rpc.reserve([mine])).toEqual(first);
    expect(await host.rpc.reserve([place(), mine])).toMatchObject({
      admitted: [mine.key],
      refused: "full",
    });
    await host.rpc.release([mine.key]);
    await host.rpc.release([mine.key]);
    expect(await asks(host)).toBe(true);
  });

  it("is given only by a host that is online", async () => {
    const host = await TestHost.make(await makeProject());
    const offline = { admitted: [], refused: "offline", host: null };
    expect(await host.rpc.reserve([place()])).toEqual(offline);
    await host.connect();
    expect(await asks(host)).toBe(true);
    await ahead(host, 26_000);
    expect(await host.rpc.reserve([place()])).toEqual(offline);
  });

  it("that nobody confirmed is audited: kept where the worker holds it, else free", async () => {
    const { host, worker, agent } = await makeLive(1);
    const [held] = [...agent.instances.keys()];
    await host.inside((object) => {
      object.parts.sql.run("UPDATE reservations SET confirmed = 0");
    });
    const forgotten = { ...place(), workerId: worker.id };
    expect(await asks(host, forgotten)).toBe(true);
    await host.inside(async (object) => {
      const { agenda, rim } = object.parts;
      rim.now = () => Date.now() + 121_000;
      agenda.set("audit", "", rim.now());
      await object.alarm();
    });
    const left = await host.inside((object) => object.parts.store.reservations());
    expect(left).toMatchObject([{ key: held, confirmed: true }]);
  });

  it("that is asked for again while its worker is being asked is not dropped", async () => {
    const host = await TestHost.online(await makeProject());
    const [again, confirmed, forgotten] = [place(), place(), place()];
    await host.rpc.reserve([again, confirmed, forgotten]);
    const left = await host.inside(async (object) => {
      const parts = object.parts as { env: Env } & typeof object.parts;
      const { agenda, rim } = parts;
      const holds = async () => {
        await object.reserve([again]);
        await object.confirm([confirmed.key]);
        return [];
      };
      const slow = { get: () => ({ holds }), idFromName: () => "x" };
      parts.env = { ...parts.env, WORKER_OBJECT: slow as unknown as DurableObjectNamespace };
      rim.now = () => Date.now() + 121_000;
      agenda.set("audit", "", rim.now());
      await object.alarm();
      return parts.store.reservations().map((one) => one.key);
    });
    expect(left.sort()).toEqual([again.key, confirmed.key].sort());
  });
});

describe("what is set aside for an instance", () => {
  const MB = 1_000_000;
  const setAside = (host: TestHost, megabytes: number) =>
    until(
      async () => (await host.rpc.overview())?.heldMemoryBytes === megabytes * MB,
      `${megabytes} MB`,
    );

  it("is what its release may take, whatever the spec says since", async () => {
    const { host, worker } = await makeLive(1, { memoryBytes: 100 * MB });
    await setAside(host, 100);
    await worker.apply({ memoryBytes: 300 * MB, instances: 2 });
    await worker.runs(2);
    await setAside(host, 200);
    await worker.rpc.deploy(wish());
    await ended(worker, 2);
    await setAside(host, 600);
  });

  it("is what the spec says where its release is from before there were limits", async () => {
    const { host, worker } = await makeLive(1, { memoryBytes: 100 * MB });
    await worker.inside(({ parts }) => {
      parts.sql.run("UPDATE releases SET limits = '{}'");
      parts.releases.forget();
    });
    await worker.apply({ memoryBytes: 300 * MB, instances: 2 });
    await worker.runs(2);
    await setAside(host, 400);
  });
});

describe("a worker that waits for room", () => {
  it("is told when a host comes online, without waiting for its own next look", async () => {
    const projectId = await makeProject();
    const worker = new TestWorker(projectId);
    await worker.listInD1();
    await worker.apply();
    await until(async () => (await worker.projection()) !== null, "a projection");
    await worker.inside((object) => object.parts.agenda.set("place", "", Date.now() + 3_600_000));
    await TestHost.online(projectId);
    await worker.runs(1);
  });
});

describe("a worker whose D1 hangs", () => {
  it("can be stopped all the same, and gives its room back", async () => {
    const { agent, host, worker } = await makeLive(1);
    await worker.inside((object) => hang(object.parts));
    await worker.apply({ instances: 2 });
    await until(async () => (await worker.rpc.instances()).length === 2, "one that waits for room");
    await worker.apply({ instances: 0 });
    await until(() => agent.instances.size === 0, "the stop", 2_000);
    await until(async () => (await host.rpc.overview())?.used === 0, "the room", 2_000);
  });

  it("can be stopped on the host that builds its private repository, and the build goes on", async () => {
    const { agent, host, projectId, worker } = await makeLive(1);
    host.obedient = false;
    const git = await sealedCredential(projectId, worker.id, worker.spec.repo);
    await worker.rpc.deploy(wish({ git }));
    const build = await until(() => agent.desired?.builds[0], "the build");
    expect(build.git).toEqual(CREDENTIAL);
    // Whatever was opened for that is forgotten.
    await evictDurableObject(worker.stub);
    await worker.inside((object) => hang(object.parts));
    await worker.apply({ instances: 0 });
    const stop = await until(() => agent.desired?.stop[0], "the stop", 2_000);
    expect(stop.instanceId).toBe([...agent.instances.keys()][0]);
    expect(agent.desired?.builds).toEqual([build]);
  });
});

describe("a worker that cannot be reached", () => {
  it("is told of the loss again and again until it answers", async () => {
    const { host, worker } = await makeLive(1);
    const seen = await host.inside(async (object) => {
      const parts = object.parts as { env: Env } & typeof object.parts;
      const { env, rim } = parts;
      const reset = { hostLost: () => Promise.reject(new Error("object was reset")) };
      const broken = { get: () => reset, idFromName: () => "x" };
      parts.env = { ...env, WORKER_OBJECT: broken as unknown as DurableObjectNamespace };
      rim.now = () => Date.now() + 61_000;
      await object.alarm();
      await object.alarm();
      const still = parts.agenda.keys("lost");
      parts.env = env;
      rim.now = () => Date.now() + 90_000;
      await object.alarm();
      return { still, after: parts.agenda.keys("lost") };
    });
    expect(seen).toEqual({ still: [worker.id], after: [] });
    await until(async () => {
      const all = await worker.rpc.instances();
      return all.some((one) => one.state === "lost");
    }, "the loss to be known");
  });
});
