// What hosts and alarms do to an object at the edges: strangers, long words, broken clocks, and a machine that fails.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { CLOSE_CODES } from "../../protocol/channel.ts";
import { type TestAgentWorker, TestHost } from "./fake-host.ts";
import { abort } from "./faults.ts";
import { makeLive } from "./live.ts";
import { makeProject, prepareD1, until, TestWorker as Worker } from "./support.ts";

beforeAll(prepareD1);

const ALL = { cursor: null, limit: 100 };

describe("an instance that the object does not know", () => {
  it("is left alone by an empty store, and stopped where its generation was given out and ended", async () => {
    const { worker, agent } = await makeLive(1);
    agent.start("ins_never", { slot: 3, generation: 999, release: 1 });
    agent.start("ins_ended", { slot: 0, generation: 0, release: 1 });
    agent.report();
    await until(() => !agent.instances.has("ins_ended"), "the ended one to be stopped");
    expect(agent.instances.has("ins_never")).toBe(true);
    await worker.runs(1);
    await until(() => agent.desired?.stop.length === 0, "the tombstone to go");
  });

  it("never stops because the object knows nothing at all", async () => {
    const projectId = await makeProject();
    const host = await TestHost.online(projectId);
    const worker = new Worker(projectId);
    const channel = await (await import("./support.ts")).upgrade(
      worker.rpc,
      "/channel",
      await host.assertion(),
    );
    expect(await channel.closed()).toBe(CLOSE_CODES.not_here.code);
    expect(channel.of("desired")).toEqual([]);
  });
});

describe("the alarm", () => {
  it("may come doubled, early or late and changes nothing but the time", async () => {
    const { worker, agent } = await makeLive(2);
    const before = await worker.rpc.instances();
    for (let i = 0; i < 3; i++) await runDurableObjectAlarm(worker.stub);
    await worker.inside((object) => object.alarm());
    await worker.inside(async (object) => {
      const { rim } = object.parts;
      const now = rim.now;
      rim.now = () => Date.now() + 3_600_000;
      await object.alarm();
      rim.now = now;
    });
    const ids = (list: typeof before) => list.map((one) => one.id);
    expect(ids(await worker.rpc.instances())).toEqual(ids(before));
    agent.report();
    await worker.runs(2);
  });

  it("never throws, and tries again what failed", async () => {
    const { worker } = await makeLive(1);
    const due = await worker.inside(async (object) => {
      const { agenda, rim } = object.parts;
      agenda.set("project", "", rim.now() - 1);
      (object.parts as { env: unknown }).env = { DB: null };
      await object.alarm();
      return (agenda.dueOf("project", "") ?? 0) - rim.now();
    });
    expect(due).toBeGreaterThan(1_000);
  });

  it("is set again after an abort, so that what waits is not forgotten", async () => {
    const projectId = await makeProject();
    const worker = new Worker(projectId);
    const host = await TestHost.online(projectId);
    host.obedient = false;
    await worker.apply();
    await abort(worker);
    host.obedient = true;
    await host.connect();
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 30_000;
    });
    await runDurableObjectAlarm(worker.stub);
    await worker.runs(1);
  });
});

describe("the heartbeat", () => {
  it("is noted without waking the object, survives an eviction, and is shown", async () => {
    const { worker, agent } = await makeLive(1);
    const beat = async () => Date.parse((await worker.rpc.instances())[0]?.lastHeartbeatAt ?? "");
    const first = await beat();
    await evictDurableObject(worker.stub);
    await until(async () => {
      agent.channel!.ping();
      return (await beat()) > first + 20;
    }, "a newer heartbeat");
  });
});

describe("one host", () => {
  it("cannot speak for what is placed on another", async () => {
    const { worker, projectId, agent } = await makeLive(1);
    const [mine] = [...agent.instances.values()];
    const other = await TestHost.online(projectId);
    await worker.apply({ instances: 2 });
    await worker.runs(2);
    const there = await other.of(worker);
    there.instances.set(mine!.instanceId, mine!);
    there.crash(mine!.instanceId);
    there.report();
    await until(() => !there.instances.has(mine!.instanceId), "its copy to be stopped");
    expect((await worker.rpc.crashes(ALL)).items).toEqual([]);
    there.sendFrame("forged\n", { instanceId: mine!.instanceId, start: 0 });
    expect(await there.channel!.closed()).toBe(CLOSE_CODES.malformed.code);
    expect(agent.instances.has(mine!.instanceId)).toBe(true);
    await other.connectWorker(worker.id, true);
    await worker.runs(2);
  });
});

describe("what a host says at length", () => {
  it("is cut to what a row holds, and is taken in all the same", async () => {
    const { worker, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()] as [string];
    const tail = Array.from({ length: 150 }, () => "x".repeat(50_000));
    agent.crash(id, { tail, detail: "y".repeat(100_000) });
    agent.report();
    await until(() => agent.exits.size === 0, "the ack");
    const [crash] = (await worker.rpc.crashes(ALL)).items;
    expect(crash?.tail).toHaveLength(100);
    expect(crash?.detail).toHaveLength(2_000);
  });

  it("closes the channel where the object breaks, and nothing of it is kept by half", async () => {
    const { worker, host, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()] as [string];
    const channel = agent.channel!;
    await worker.inside((object) => {
      object.parts.timeline.addCrash = () => {
        throw new Error("planted");
      };
    });
    agent.crash(id);
    agent.report();
    expect(await channel.closed()).toBe(CLOSE_CODES.internal.code);
    expect(agent.exits.size).toBe(1);
    await evictDurableObject(worker.stub);
    const again = await host.connectWorker(worker.id, true);
    again.report();
    await until(() => agent.exits.size === 0, "the ack");
    expect((await worker.rpc.crashes(ALL)).items).toHaveLength(1);
  });
});

describe("a reservation", () => {
  it("is not freed by a report that has not taken in the tombstone yet", async () => {
    const { worker, host, agent } = await makeLive(1);
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    host.obedient = false;
    const before = agent.revision;
    await worker.apply({ instances: 0 });
    await until(() => agent.desired?.stop.length, "the tombstone");
    agent.report({ revision: before, instances: [] });
    await worker.rpc.flush();
    expect((await worker.rpc.instances()).map((one) => one.state)).toEqual(["stopping"]);
    expect((await host.rpc.overview())?.used).toBe(1);
    agent.obey(agent.desired!);
    await worker.runs(0);
    await until(async () => (await host.rpc.overview())?.used === 0, "the room to be free");
  });
});

describe("a time that no calendar has", () => {
  it.each([
    ["an exit", (agent: TestAgentWorker, id: string) => void agent.crash(id, { exitedAt: 1e300 })],
    ["a back-off", (agent: TestAgentWorker, id: string) => bend(agent, id, { restartInMs: 1e300 })],
    ["a start", (agent: TestAgentWorker, id: string) => bend(agent, id, { startedAt: -1e300 })],
  ])("of %s is refused, and nothing that people look at breaks", async (_, bent) => {
    const { worker, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()] as [string];
    bent(agent, id);
    agent.report();
    expect(await agent.channel!.closed()).toBe(CLOSE_CODES.malformed.code);
    expect(await worker.rpc.instances()).toHaveLength(1);
    expect((await worker.rpc.crashes(ALL)).items).toEqual([]);
    expect((await worker.rpc.events(ALL)).items.length).toBeGreaterThan(0);
  });

  it("of a line is refused, and the log can be read", async () => {
    const { worker, agent } = await makeLive(1);
    const [instanceId] = [...agent.instances.keys()] as [string];
    agent.sendFrame("hello\n", { instanceId, start: 0, marks: [{ at: 1e300, bytes: 6 }] });
    expect(await agent.channel!.closed()).toBe(CLOSE_CODES.malformed.code);
    expect((await worker.logs({ stream: "stdout" })).lines).toEqual([]);
  });
});

function bend(agent: TestAgentWorker, id: string, change: object): void {
  agent.instances.set(id, { ...agent.instances.get(id)!, state: "backoff", ...change });
}
