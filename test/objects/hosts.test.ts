// Hosts: who they are, whether they live, how much they hold, and who is told when they go.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { CLOSE_CODES } from "../../protocol/channel.ts";
import { makePolicy } from "../../protocol/policy.ts";
import { projectHandler } from "../../src/objects/worker/projection.ts";
import { TestHost } from "./fake-host.ts";
import { ahead, hang, wakeAhead } from "./faults.ts";
import { makeLive } from "./live.ts";
import { freshId, makeProject, prepareD1, realEnv, until, upgrade } from "./support.ts";

beforeAll(prepareD1);

describe("the projection", () => {
  it("is tried again at its pace while D1 refuses it, not over and over", async () => {
    const rename = (from: string, to: string) =>
      realEnv.DB.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();
    await rename("host_projections", "host_projections_away");
    try {
      const host = await TestHost.online(await makeProject());
      await scheduler.wait(500);
      const tries = await host.inside(
        (object) => object.parts.store.meta()?.projection ?? Number.POSITIVE_INFINITY,
      );
      // As joining and as online; the next one is seconds away.
      expect(tries).toBeLessThanOrEqual(3);
    } finally {
      await rename("host_projections_away", "host_projections");
    }
  });
});

describe("a worker's projection", () => {
  it("that was overtaken by a later one does not pass for what D1 has", async () => {
    const { worker } = await makeLive(1);
    const quiet = () => worker.inside(({ parts }) => parts.agenda.dueOf("project", "") === null);
    await until(quiet, "quiet", 12_000);
    const told = await worker.inside(async ({ parts }) => {
      const { env } = parts;
      const gate = Promise.withResolvers<void>();
      const prepare = (query: string) => ({
        bind: (...values: unknown[]) => ({
          run: async () => {
            await gate.promise;
            return env.DB.prepare(query)
              .bind(...values)
              .run();
          },
        }),
      });
      const write = projectHandler(parts);
      Object.assign(parts, { env: Object.create(env, { DB: { value: { prepare } } }) });
      const slow = write("", 0);
      Object.assign(parts, { env });
      parts.meta.update({ lastDeployAt: 12_345 });
      await write("", 0);
      gate.resolve();
      await slow;
      return JSON.parse(parts.meta.get()?.projected ?? "{}") as { lastDeployAt: number };
    });
    expect(await worker.projection()).toMatchObject({ last_deploy_at: 12_345 });
    expect(told.lastDeployAt).toBe(12_345);
  });
});

describe("the epoch", () => {
  it("rises with each connection, and the newer socket supersedes the older", async () => {
    const host = await TestHost.online(await makeProject());
    const first = host.hostChannel!;
    expect(host.epoch).toBe(1);
    await host.connect();
    expect(host.epoch).toBe(2);
    expect(await first.closed()).toBe(CLOSE_CODES.superseded.code);
  });

  it("is granted again where the welcome was lost", async () => {
    const host = await TestHost.online(await makeProject());
    const nonce = crypto.randomUUID();
    for (let i = 0; i < 3; i++) {
      const channel = await host.dial();
      channel.send(host.hello({ nonce }));
      expect(await channel.nth("welcome")).toMatchObject({ epoch: 2 });
    }
  });

  it("takes a hello that comes late, on a socket older than the present one, for no clone's", async () => {
    const host = await TestHost.online(await makeProject());
    const first = await host.dial();
    const late = host.hello();
    await scheduler.wait(5);
    await host.connect();
    await scheduler.wait(5);
    const present = await host.connect();
    expect(host.epoch).toBe(3);
    first.send(late);
    expect(await first.closed()).toBe(CLOSE_CODES.superseded.code);
    expect((await host.rpc.overview())?.status).toBe("online");
    expect(await host.inside(({ parts }) => parts.sockets.greeted().length)).toBe(1);
    expect(present.of("refused")).toEqual([]);
  });

  it("finds out a clone, and sends both away", async () => {
    const host = await TestHost.online(await makeProject());
    const real = host.hostChannel!;
    const clone = await host.dial();
    clone.send(host.hello({ epoch: 0, nonce: crypto.randomUUID() }));
    expect(await clone.closed()).toBe(CLOSE_CODES.host_cloned.code);
    expect(await real.closed()).toBe(CLOSE_CODES.host_cloned.code);
    expect((await host.rpc.overview())?.status).toBe("cloned");
    const again = await host.dial();
    again.send(host.hello());
    expect(await again.closed()).toBe(CLOSE_CODES.host_cloned.code);
    const wanted = {
      key: freshId("instance"),
      workerId: freshId("worker"),
      kind: "instance",
      ...{ memoryBytes: 0, cpus: 0 },
    } as const;
    expect((await host.rpc.reserve([wanted])).refused).toBe("offline");
  });

  it("survives an eviction", async () => {
    const host = await TestHost.online(await makeProject());
    await evictDurableObject(host.stub);
    await host.connect();
    expect(host.epoch).toBe(2);
  });
});

describe("the host channel", () => {
  it("is refused to strangers, to malformed messages and to protocols that it does not speak", async () => {
    const host = await TestHost.online(await makeProject());
    const other = await TestHost.make(host.projectId);
    const { upgrade } = await import("./support.ts");
    const stranger = await upgrade(host.rpc, "/channel", await other.assertion({ iss: host.id }));
    expect(await stranger.closed()).toBe(CLOSE_CODES.unauthorized.code);
    const garbled = await host.dial();
    garbled.send("{");
    expect(await garbled.closed()).toBe(CLOSE_CODES.malformed.code);
    const old = await host.dial();
    old.send(host.hello({ protocol: 0 }));
    expect(await old.closed()).toBe(CLOSE_CODES.protocol.code);
    expect((await host.rpc.overview())?.status).toBe("online");
  });

  it("names the workers whose room was confirmed, anew when that changes", async () => {
    const { host, worker } = await makeLive(1);
    expect(host.hostChannel?.of("workers").at(-1)).toMatchObject({ workers: [worker.id] });
    await worker.apply({ instances: 0 });
    await until(
      () => JSON.stringify(host.hostChannel?.of("workers").at(-1)?.workers) === "[]",
      "the worker to leave the list",
    );
  });

  it("closes for good when the host is removed", async () => {
    const { host, worker } = await makeLive(1);
    await host.rpc.remove();
    expect(await host.hostChannel!.closed()).toBe(CLOSE_CODES.host_removed.code);
    const again = await host.dial();
    expect(await again.closed()).toBe(CLOSE_CODES.host_removed.code);
    await until(
      async () => (await worker.rpc.instances())[0]?.state === "pending",
      "a replacement",
    );
    expect(await worker.rpc.instances()).toHaveLength(1);
    await worker.apply({ wanted: "deleted" });
    await until(async () => (await worker.rpc.overview()) === null, "the end of the worker");
  });
});

describe("a silent host", () => {
  it("is suspect after 25 s and lost after 60 s, never late", async () => {
    const host = await TestHost.online(await makeProject());
    const at = async (ms: number) => {
      await ahead(host, ms);
      return (await host.rpc.overview())?.status;
    };
    expect(await at(24_000)).toBe("online");
    expect(await at(26_000)).toBe("suspect");
    expect(await at(59_000)).toBe("suspect");
    await runDurableObjectAlarm(host.stub);
    expect(await at(59_000)).toBe("suspect");
    await ahead(host, 60_500);
    await runDurableObjectAlarm(host.stub);
    expect((await host.rpc.overview())?.status).toBe("lost");
    expect(await host.hostChannel!.closed()).toBe(CLOSE_CODES.superseded.code);
  });

  it("is not judged by an object that stood still, but for one that has stood still twice", async () => {
    const host = await TestHost.online(await makeProject());
    const heardAt = (await host.rpc.overview())?.lastHeardAt;
    const seen: string[] = [];
    let standsMs = 0;
    for (const stoodMs of [120_000, 59_000, 66_000]) {
      standsMs += stoodMs;
      // Whatever it kept in memory alone is gone.
      await evictDurableObject(host.stub);
      await ahead(host, standsMs);
      const status = await host.inside(async (object) => {
        await object.alarm();
        return object.parts.store.meta()?.status;
      });
      seen.push(`${status} after ${stoodMs}`);
      expect((await host.rpc.overview())?.lastHeardAt).toBe(heardAt);
    }
    expect(seen).toEqual(["online after 120000", "online after 59000", "lost after 66000"]);
  });

  it("is lost in real time under a scaled policy, and its worker is replaced", async () => {
    const { host, worker, projectId } = await makeLive(1);
    const spare = await TestHost.online(projectId);
    const scale = (parts: { rim: { policy: unknown } }) => {
      parts.rim.policy = makePolicy({
        heartbeat: { suspectMs: 200, lostMs: 600, hostPingMs: 100, workerPingMs: 100 },
        objects: { projectionMs: 50, retryMs: 100 },
      });
    };
    await worker.inside((object) => scale(object.parts));
    await host.inside((object) => {
      scale(object.parts);
      object.parts.agenda.forget();
      object.parts.agenda.arm();
    });
    const start = Date.now();
    await until(async () => (await host.rpc.overview())?.status === "lost", "the host to be lost");
    expect(Date.now() - start).toBeLessThan(3_000);
    const agent = await spare.of(worker);
    await until(() => agent.instances.size === 1, "the successor to run");
    await until(async () => {
      const all = await worker.rpc.instances();
      return all.some((one) => one.hostId === spare.id && one.state === "healthy");
    }, "a healthy successor");
    const texts = await worker.systemTexts();
    expect(texts).toContain("moved · its host was lost");
  });

  it("is shown as suspect in lists too, at the cost of one look more", async () => {
    const host = await TestHost.online(await makeProject());
    const listed = async () =>
      (
        await realEnv.DB.prepare("SELECT status FROM host_projections WHERE host_id = ?")
          .bind(host.id)
          .first<{ status: string }>()
      )?.status;
    await until(async () => (await listed()) === "online", "online in D1");
    host.close();
    await until(
      async () => !(await host.inside((o) => o.parts.store.meta()?.connected)),
      "the goodbye",
    );
    const alarms = await host.inside(async (object) => {
      const { agenda, rim, store } = object.parts;
      const heardAt = store.meta()?.lastHeardAt ?? 0;
      let now = Date.now();
      rim.now = () => now;
      const seen: string[] = [];
      for (let due = agenda.nextDue(); due !== null; due = agenda.nextDue()) {
        now = Math.max(due, now + 1);
        await object.alarm();
        const silentS = Math.floor((now - heardAt) / 1_000);
        if (silentS >= 25) seen.push(`${silentS} s ${await listed()}`);
      }
      return seen;
    });
    expect(alarms).toEqual(["25 s online", "25 s suspect", "60 s lost"]);
  });

  it("is lost on time though D1 hangs", async () => {
    const { host } = await makeLive(1);
    await host.inside(async (object) => {
      const { parts } = object;
      hang(parts);
      parts.rim.policy = makePolicy({
        heartbeat: { suspectMs: 200, lostMs: 600, hostPingMs: 100, workerPingMs: 100 },
        objects: { projectionMs: 50, retryMs: 200 },
      });
      parts.agenda.set("project", "", Date.now());
      await object.alarm();
      parts.agenda.forget();
      parts.agenda.arm();
    });
    const start = Date.now();
    await until(async () => (await host.rpc.overview())?.status === "lost", "the host to be lost");
    expect(Date.now() - start).toBeLessThan(2_000);
  });

  it("gets a fresh term when the object restarted and lost the channel without a word", async () => {
    const host = await TestHost.online(await makeProject());
    await evictDurableObject(host.stub, { webSockets: "close" });
    await host.inside(() => {});
    const heard = (await host.rpc.overview())?.lastHeardAt ?? 0;
    expect(Date.now() - heard).toBeLessThan(5_000);
    await evictDurableObject(host.stub);
    expect((await host.rpc.overview())?.lastHeardAt).toBe(heard);
  });

  it("is told to every worker until each has answered, and so is its return", async () => {
    const { host, worker, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()];
    await worker.inside((object) => {
      object.parts.rim.now = () => Date.now() + 61_000;
    });
    await ahead(host, 61_000);
    await runDurableObjectAlarm(host.stub);
    await runDurableObjectAlarm(host.stub);
    await until(
      async () => (await worker.rpc.instances()).find((one) => one.id === id)?.state === "lost",
      "lost",
    );
    expect(
      (await worker.rpc.events({ cursor: null, limit: 50 })).items.map((one) => one.kind),
    ).toContain("host_lost");
    expect(await host.inside((object) => object.parts.agenda.keys("lost"))).toEqual([]);
    await host.connect();
    await host.connectWorker(worker.id, true);
    await until(async () => {
      const all = await worker.rpc.instances();
      return all.length === 1 && all[0]?.id === id && all[0]?.state === "healthy";
    }, "the old instance to stand again alone");
  });
});

describe("a host that came back when nothing of the worker was left there", () => {
  it("is lost no more once it admits something, and the alarm rests", async () => {
    const { host, worker, projectId } = await makeLive(1);
    const back = await TestHost.online(projectId);
    await host.rpc.setIntent({ version: 1, cordoned: true, drainUntil: null });
    // Lost in the epoch before, and nobody told this worker of its return.
    await worker.inside(({ parts }) => {
      const { id: hostId, publicKey } = back;
      const host = { hostId, publicKey, name: "back", epoch: 0, intentVersion: 0, drain: null };
      parts.hosts.learn(host);
      parts.hosts.update(hostId, { silentAt: Date.now(), toldHeardAt: Date.now() });
    });
    await worker.apply({ instances: 2 });
    await until(async () => {
      const all = await worker.rpc.instances();
      return all.some((one) => one.hostId === back.id && one.state === "healthy");
    }, "one to be placed there");
    expect(await worker.inside(({ parts }) => parts.hosts.get(back.id)?.silentAt)).toBeNull();
  });
});

describe("two witnesses", () => {
  it("keep a worker in place whose own channel heard later than the HostObject", async () => {
    const { host, worker, agent } = await makeLive(1);
    const told = { hostId: host.id, epoch: host.epoch, lastHeardAt: Date.now() - 60_000 };
    expect(await worker.rpc.hostLost(told)).toEqual({ answered: true });
    await worker.runs(1);
    // Later its own channel falls silent too: now there is no second witness.
    await worker.inside(async (object) => {
      // By an alarm that comes in time: a late one would give it a fresh term.
      object.parts.rim.now = () => Date.now() + 200_000;
      await object.alarm();
      expect(object.parts.hosts.get(host.id)?.silentAt).toBeNull();
      object.parts.rim.now = () => Date.now() + 262_000;
      await object.alarm();
    });
    const all = await worker.rpc.instances();
    expect(all.find((one) => agent.instances.has(one.id))?.state).toBe("lost");
  });

  it("agree where both heard last at about the same time", async () => {
    const { host, worker } = await makeLive(1);
    const told = { hostId: host.id, epoch: host.epoch, lastHeardAt: Date.now() };
    await worker.rpc.hostLost(told);
    expect((await worker.rpc.instances()).some((one) => one.state === "lost")).toBe(true);
  });

  it("wait for the own one of an object that stood still, but of one that has stood still twice no more", async () => {
    const { host, worker } = await makeLive(1);
    const lastHeardAt = Date.now() - 60_000;
    await worker.rpc.hostLost({ hostId: host.id, epoch: host.epoch, lastHeardAt });
    const seen: (string | undefined)[] = [];
    for (const aheadMs of [200_000, 400_000]) {
      await evictDurableObject(worker.stub);
      await wakeAhead(worker, aheadMs);
      seen.push((await worker.rpc.instances())[0]?.state);
    }
    expect(seen).toEqual(["healthy", "lost"]);
  });

  it("ignore what is said of an older epoch", async () => {
    const { host, worker } = await makeLive(1);
    const told = { hostId: host.id, epoch: host.epoch - 1, lastHeardAt: Date.now() };
    expect(await worker.rpc.hostLost(told)).toEqual({ answered: true });
    await worker.runs(1);
  });
});

describe("a removed host", () => {
  it("is turned away by a worker though its socket was open, or opening, before", async () => {
    const { agent, host, worker } = await makeLive(1);
    const opening = await upgrade(worker.rpc, "/channel", await host.assertion());
    await host.rpc.remove();
    expect(await agent.channel!.closed()).toBe(CLOSE_CODES.host_removed.code);
    opening.send(agent.hello());
    expect(await opening.closed()).toBe(CLOSE_CODES.host_removed.code);
    const late = await upgrade(worker.rpc, "/channel", await host.assertion());
    expect(await late.closed()).toBe(CLOSE_CODES.host_removed.code);
  });

  it("is no news to whoever cannot sign for it", async () => {
    const { host, projectId, worker } = await makeLive(1);
    await host.rpc.remove();
    const other = await TestHost.online(projectId);
    const forged = await upgrade(worker.rpc, "/channel", await other.assertion({ iss: host.id }));
    expect(await forged.closed()).toBe(CLOSE_CODES.unauthorized.code);
    const channel = await upgrade(host.rpc, "/channel", await other.assertion({ iss: host.id }));
    expect(await channel.closed()).toBe(CLOSE_CODES.unauthorized.code);
  });
});
