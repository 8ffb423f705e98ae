// Exclusive: two never run where one was asked for, whatever object, host and link do.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../protocol/policy.ts";
import { wish } from "./deploys.ts";
import { TestHost } from "./fake-host.ts";
import { wakeAhead } from "./faults.ts";
import { makeLive } from "./live.ts";
import { prepareD1, type TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

const { replaceMs } = DEFAULT_POLICY.lease;

const makeExclusive = () => makeLive(1, { mode: "exclusive" });

/** The object lives at the moment in which its patience with a silent host is over. */
async function fallDue(worker: TestWorker, host: TestHost): Promise<void> {
  const due = await worker.inside((object) => object.parts.agenda.dueOf("silence", host.id));
  expect(due).not.toBeNull();
  await wakeAhead(worker, due! + 1_000 - Date.now());
}

const tellLost = (worker: TestWorker, host: TestHost) =>
  worker.rpc.hostLost({ hostId: host.id, epoch: host.epoch, lastHeardAt: Date.now() - 60_000 });

const generations = async (worker: TestWorker) =>
  (await worker.rpc.instances()).map((one) => `${one.generation} ${one.state}`);

describe("an exclusive instance", () => {
  it("gets its lease by asking, again and again, at no row", async () => {
    const { agent, worker } = await makeExclusive();
    const [id] = [...agent.instances.keys()] as [string];
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    const written = () => worker.inside((object) => object.parts.sql.rowsWritten);
    await until(
      () => worker.inside((object) => object.parts.agenda.keys("project").length === 0),
      "quiet",
      12_000,
    );
    const before = await written();
    for (let i = 0; i < 5; i++) expect(await agent.renewed()).toEqual([id]);
    expect(await written()).toBe(before);
    expect(await agent.renewed(["ins_other", id])).toEqual([id]);
  });

  it("keeps its lease over an eviction and an abort of the object", async () => {
    const { agent, host, worker } = await makeExclusive();
    const ids = [...agent.instances.keys()];
    await evictDurableObject(worker.stub);
    expect(await agent.renewed()).toEqual(ids);
    await worker
      .inside((_object, state) => state.abort("as when the machine fails"))
      .catch(() => {});
    await host.connectWorker(worker.id, true);
    expect(await agent.renewed()).toEqual(ids);
  });

  it("is replaced only once its lease has run out, counted from what was heard last", async () => {
    const { agent, host, projectId, worker } = await makeExclusive();
    const spare = await TestHost.online(projectId);
    await agent.renewed();
    await tellLost(worker, host);
    await wakeAhead(worker, replaceMs - 2_000);
    expect(await generations(worker)).toEqual(["1 healthy"]);
    await wakeAhead(worker, replaceMs + 1_000);
    await until(async () => (await generations(worker)).includes("2 healthy"), "a successor");
    expect((await spare.of(worker)).instances.size).toBe(1);
  });

  it("that was replaced holds up no later deploy, though its host never comes back", async () => {
    const { agent, host, projectId, worker } = await makeExclusive();
    await TestHost.online(projectId);
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    await agent.renewed();
    await tellLost(worker, host);
    await wakeAhead(worker, replaceMs + 1_000);
    await until(async () => (await generations(worker)).includes("2 healthy"), "a successor");
    await host.rpc.setIntent({ version: 1, cordoned: true, drainUntil: null });
    await worker.rpc.deploy(wish({ kind: "restart" }));
    await until(async () => (await generations(worker)).includes("3 healthy"), "the next one");
    expect(await generations(worker)).toEqual(["1 lost", "3 healthy"]);
  });

  it("is not replaced sooner where its channel ended before the host was lost", async () => {
    const { agent, host, projectId, worker } = await makeExclusive();
    await TestHost.online(projectId);
    await agent.renewed();
    agent.channel?.ws.close();
    await until(
      () => worker.inside((o) => o.parts.hosts.get(host.id)?.connected === false),
      "the close to be seen",
    );
    await tellLost(worker, host);
    await wakeAhead(worker, replaceMs - 2_000);
    expect(await generations(worker)).toEqual(["1 healthy"]);
    await wakeAhead(worker, replaceMs + 1_000);
    await until(async () => (await generations(worker)).includes("2 healthy"), "a successor");
  });

  it("has a fresh term where a restart of the object lost the channel without a word", async () => {
    const { agent, host, projectId, worker } = await makeExclusive();
    await TestHost.online(projectId);
    await agent.renewed();
    // As if nothing had been heard for long: what a restart finds stored proves nothing.
    await worker.inside((o) => o.parts.hosts.update(host.id, { heardAt: Date.now() - 600_000 }));
    await evictDurableObject(worker.stub, { webSockets: "close" });
    await tellLost(worker, host);
    await wakeAhead(worker, replaceMs - 2_000);
    expect(await generations(worker)).toEqual(["1 healthy"]);
  });

  it("that comes back after it was replaced gets no lease, and stops", async () => {
    const { agent, host, projectId, worker } = await makeExclusive();
    const spare = await TestHost.online(projectId);
    const [old] = [...agent.instances.keys()] as [string];
    await tellLost(worker, host);
    await fallDue(worker, host);
    await until(async () => (await generations(worker)).includes("2 healthy"), "a successor");
    host.obedient = false;
    await host.connectWorker(worker.id, true);
    expect(await agent.renewed([old])).toEqual([]);
    agent.report();
    await until(() => agent.desired?.stop.some((one) => one.instanceId === old), "its tombstone");
    expect(await agent.renewed([old])).toEqual([]);
    expect(await (await spare.of(worker)).renewed()).toHaveLength(1);
    host.obedient = true;
    agent.obey(agent.desired!);
    await until(async () => (await generations(worker)).join() === "2 healthy", "one alone");
  });

  it("that comes back before it was replaced goes on", async () => {
    const { agent, host, worker } = await makeExclusive();
    await host.rpc.setIntent({ version: 1, cordoned: true, drainUntil: null });
    await tellLost(worker, host);
    await fallDue(worker, host);
    expect(await generations(worker)).toEqual(["1 lost", "2 pending"]);
    const [id] = [...agent.instances.keys()] as [string];
    await host.connectWorker(worker.id, true);
    expect(await agent.renewed([id])).toEqual([id]);
    agent.report();
    await worker.runs(1);
    expect(await agent.renewed([id])).toEqual([id]);
  });

  it("of a removed host is replaced only once its lease has run out", async () => {
    const { agent, host, projectId, worker } = await makeExclusive();
    await TestHost.online(projectId);
    await agent.renewed();
    await host.rpc.remove();
    await until(() => agent.channel?.closeCode, "the channel to be closed");
    await wakeAhead(worker, replaceMs - 2_000);
    expect(await generations(worker)).toEqual(["1 healthy"]);
    await fallDue(worker, host);
    await until(async () => (await generations(worker)).join() === "2 healthy", "a successor");
  });

  it("keeps its lease while it stops, and its successor waits for the end", async () => {
    const { agent, host, worker } = await makeExclusive();
    const [old] = [...agent.instances.keys()] as [string];
    host.obedient = false;
    await worker.rpc.deploy(wish({ kind: "restart" }));
    await until(() => agent.desired?.stop.some((one) => one.instanceId === old), "its tombstone");
    expect(await agent.renewed([old])).toEqual([old]);
    expect(await generations(worker)).toEqual(["1 stopping"]);
    host.obedient = true;
    agent.obey(agent.desired!);
    await until(async () => (await generations(worker)).join() === "2 healthy", "its successor");
  });
});

describe("a host that was lost", () => {
  it("and then only speaks once more on this channel is lost again, and replaced", async () => {
    const { agent, host, projectId, worker } = await makeLive(1);
    await host.rpc.setIntent({ version: 1, cordoned: true, drainUntil: null });
    await worker.rpc.hostLost({ hostId: host.id, epoch: host.epoch, lastHeardAt: Date.now() });
    await until(async () => (await generations(worker))[0] === "1 lost", "the loss");
    host.obedient = false;
    await host.connectWorker(worker.id, true);
    await until(async () => (await generations(worker)).join() === "1 unknown", "its word");
    agent.channel?.ws.close();
    await TestHost.online(projectId);
    await fallDue(worker, host);
    await until(async () => {
      await worker.rpc.roomFreed();
      return (await generations(worker)).some((one) => /^[23] healthy/.test(one));
    }, "a successor");
  });

  it("and removed between its admission and the commit holds nothing: it is placed anew", async () => {
    const { host, projectId, worker } = await makeLive(1);
    const spare = await TestHost.online(projectId, 1);
    spare.obedient = false;
    await worker.inside((object) => {
      const { hosts } = object.parts;
      const learn = hosts.learn.bind(hosts);
      // Removed in the moment in which its admission is on its way.
      hosts.learn = (one) => {
        learn(one);
        if (one.hostId === spare.id) void spare.rpc.remove();
      };
    });
    await worker.apply({ instances: 2 });
    await until(async () => (await spare.rpc.overview())?.status === "removed", "the removal");
    await until(
      async () => {
        const all = await worker.rpc.instances();
        return all.filter((one) => one.state === "healthy" && one.hostId === host.id).length === 2;
      },
      "both on the other host",
      15_000,
    );
  });
});

describe("a host that is drained", () => {
  it("hands an exclusive instance over: the next one has its place before this one stops", async () => {
    const { agent, host, projectId, worker } = await makeExclusive();
    await host.rpc.setIntent({ version: 1, cordoned: true, drainUntil: Date.now() + 600_000 });
    await until(async () => (await generations(worker)).length === 2, "a successor that waits");
    await wakeAhead(worker, 0);
    expect((await generations(worker))[0]).toBe("1 healthy");
    expect(await agent.renewed()).toHaveLength(1);
    const spare = await TestHost.online(projectId);
    await until(async () => (await generations(worker)).join() === "2 healthy", "the handover");
    expect((await spare.of(worker)).instances.size).toBe(1);
    await until(async () => (await host.rpc.overview())?.used === 0, "an empty host");
  });

  it("takes nothing new, and at the deadline what is left there stops", async () => {
    const { host, worker } = await makeLive(2);
    const drainUntil = Date.now() + 1_500;
    await host.rpc.setIntent({ version: 2, cordoned: true, drainUntil });
    await host.rpc.setIntent({ version: 1, cordoned: false, drainUntil: null });
    await until(async () => (await generations(worker)).length === 4, "successors that wait");
    expect((await generations(worker)).filter((one) => one.endsWith("healthy"))).toHaveLength(2);
    await until(async () => (await host.rpc.overview())?.used === 0, "an empty host", 10_000);
    expect(await generations(worker)).toEqual(["3 pending", "4 pending"]);
    const { items } = await worker.rpc.events({ cursor: null, limit: 50 });
    expect(items.filter((one) => one.kind === "host_drained")).toHaveLength(2);
    await host.rpc.setIntent({ version: 3, cordoned: false, drainUntil: null });
    await worker.rpc.roomFreed();
    await until(
      async () => (await generations(worker)).join() === "3 healthy,4 healthy",
      "them to run",
    );
  });
});

describe("replacement", () => {
  /** Their objects live that much later, and look. */
  async function fallSilent(hosts: readonly TestHost[]): Promise<void> {
    for (const host of hosts) {
      await host.inside((object) => {
        object.parts.rim.now = () => Date.now() + 61_000;
      });
    }
    await look(hosts);
  }
  /** Twice: what the first look found to be told is told in the second. */
  async function look(hosts: readonly TestHost[]): Promise<void> {
    for (const host of hosts) await runDurableObjectAlarm(host.stub);
    for (const host of hosts) await runDurableObjectAlarm(host.stub);
  }
  const events = async (worker: TestWorker) =>
    (await worker.rpc.events({ cursor: null, limit: 100 })).items.map((one) => one.kind);

  it("freezes where half of the hosts are lost at once, and goes on when somebody says so", async () => {
    const { agent, host, projectId, worker } = await makeLive(1);
    const second = await TestHost.online(projectId);
    await TestHost.online(projectId);
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 61_000;
    });
    await fallSilent([host, second]);
    await until(async () => (await events(worker)).includes("replacement_frozen"), "the freeze");
    expect(await generations(worker)).toEqual(["1 lost"]);
    expect((await worker.rpc.overview())?.statusReason).toContain("frozen");
    expect((await host.rpc.overview())?.frozen).toMatchObject({ gone: 2, of: 3 });
    await host.rpc.thaw();
    await look([host]);
    await until(async () => (await events(worker)).includes("replacement_thawed"), "the thaw");
    await until(async () => (await generations(worker)).includes("2 healthy"), "a successor");
    expect(agent.instances.size).toBe(1);
  });

  it("goes on for a frozen host that turns out to be two", async () => {
    const { host, projectId, worker } = await makeLive(1);
    const second = await TestHost.online(projectId);
    await TestHost.online(projectId);
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 61_000;
    });
    await fallSilent([host, second]);
    await until(async () => (await events(worker)).includes("replacement_frozen"), "the freeze");
    const clone = await host.dial();
    clone.send(host.hello({ epoch: 0, nonce: crypto.randomUUID() }));
    await clone.closed();
    await look([host]);
    await until(async () => (await events(worker)).includes("replacement_thawed"), "the thaw");
  });

  it("goes on by itself once less than half of them are away", async () => {
    const { host, projectId, worker } = await makeLive(1);
    const second = await TestHost.online(projectId);
    await TestHost.online(projectId);
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 61_000;
    });
    await fallSilent([host, second]);
    await until(async () => (await events(worker)).includes("replacement_frozen"), "the freeze");
    await second.connect();
    for (const _calm of [1, 2]) {
      await host.inside((object) => object.parts.agenda.setBy("census", "", 0));
      await look([host]);
    }
    await until(async () => (await generations(worker)).includes("2 healthy"), "a successor");
  });

  it("that was frozen is not made up for when the host comes back before it has reported", async () => {
    const { agent, host, projectId, worker } = await makeLive(1);
    const others = [await TestHost.online(projectId), await TestHost.online(projectId)];
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 61_000;
    });
    await fallSilent([host, ...others]);
    await until(async () => (await events(worker)).includes("replacement_frozen"), "the freeze");
    for (const one of others) await one.connect();
    host.obedient = false;
    await host.connect();
    await host.connectWorker(worker.id, true);
    await until(async () => (await generations(worker)).join() === "1 unknown", "its return");
    agent.report();
    await until(
      async () => (await generations(worker)).join() === "1 healthy",
      "it to go on alone",
    );
  });

  it("does not freeze for one of three", async () => {
    const { host, projectId, worker } = await makeLive(1);
    await TestHost.online(projectId);
    await TestHost.online(projectId);
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 61_000;
    });
    await fallSilent([host]);
    await until(async () => (await generations(worker)).includes("2 healthy"), "a successor");
    expect(await events(worker)).not.toContain("replacement_frozen");
  });
});
