// Logs: what is kept for how long, and what readers get of hosts meanwhile.
import { beforeAll, describe, expect, it } from "vitest";
import { wish } from "./deploys.ts";
import { acked, liveWithInstance } from "./live.ts";
import { type Channel, makeProject, prepareD1, TestWorker, until, upgrade } from "./support.ts";

beforeAll(prepareD1);

describe("retention", () => {
  it("drops what is old, but neither the newest row nor a live stream's last frame", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    agent.sendFrame("old 1\n", { instanceId, start: 0 });
    agent.sendFrame("old 2\n", { instanceId, start: 6 });
    agent.sendFrame("ended\n", { instanceId: "ins_gone", start: 0, last: true });
    await acked(agent, 3);
    await worker.inside(async (object) => {
      const { agenda, rim, sql } = object.parts;
      rim.now = () => Date.now() + 8 * 86_400_000;
      agenda.set("retention", "", rim.now());
      await object.alarm();
      expect(sql.all("SELECT seq FROM frames").length).toBeLessThanOrEqual(3);
    });
    expect((await worker.logs({ stream: "stdout" })).lines.map((line) => line.text)).toEqual(
      expect.arrayContaining(["old 2"]),
    );
    expect((await worker.logs({ text: "old 1" })).lines).toEqual([]);
    agent.sendFrame("old 2\n", { instanceId, start: 6 });
    expect(await acked(agent, 4)).toMatchObject({ next: 12, refused: false });
  });

  it("comes also to a worker that writes nothing and only crashes", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    for (let i = 0; i < 30; i++) agent.crash(instanceId);
    agent.report();
    await until(
      async () => (await worker.rpc.crashes({ cursor: null, limit: 50 })).items.length === 30,
      "crashes",
    );
    await worker.inside(async (object) => {
      const { agenda, rim, sql } = object.parts;
      rim.policy = {
        ...rim.policy,
        history: { ...rim.policy.history, crashes: 5, events: 10 },
        logs: { ...rim.policy.logs, hotRows: 3 },
      };
      expect(agenda.dueOf("retention", "")).not.toBeNull();
      rim.now = () => Date.now() + 7 * 3_600_000;
      await object.alarm();
      const count = (table: string) =>
        sql.first<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`)?.n;
      expect([count("crashes"), count("events"), count("frames")]).toEqual([5, 10, 3]);
      rim.now = () => Date.now() + 8 * 86_400_000;
      await object.alarm();
      expect(count("exits")).toBe(0);
    });
  });

  it("keeps the newest deploys, and of the releases those that they, the live one or an instance name", async () => {
    const { worker } = await liveWithInstance();
    for (let n = 2; n <= 8; n++) {
      await worker.rpc.deploy(wish());
      await until(
        async () => (await worker.rpc.deployByNumber(n))?.status === "live",
        `deploy ${n}`,
      );
    }
    for (let n = 9; n <= 12; n++) {
      await worker.rpc.deploy(wish({ kind: "restart" }));
      await until(
        async () => (await worker.rpc.deployByNumber(n))?.status === "live",
        `deploy ${n}`,
      );
    }
    await worker.inside(async (object) => {
      const { agenda, rim } = object.parts;
      rim.policy = { ...rim.policy, history: { ...rim.policy.history, deploys: 5 } };
      agenda.set("retention", "", rim.now());
      await object.alarm();
    });
    const page = { cursor: null, limit: 50 };
    const numbers = (await worker.rpc.deploys(page)).items.map((one) => one.number);
    expect(numbers).toEqual([12, 11, 10, 9, 8]);
    expect((await worker.rpc.releases(page)).items.map((one) => one.number)).toEqual([8]);
    const next = await worker.rpc.deploy(wish());
    expect(next).toMatchObject({ ok: true, deploy: { number: 13 } });
    await until(async () => (await worker.rpc.deployByNumber(13))?.release === 9, "release 9");
  });
});

describe("a reader", () => {
  const news = (channel: Channel) => channel.of("news").length;

  it("is told once, and again only after somebody read on", async () => {
    const { agent, instanceId, worker } = await liveWithInstance();
    const reader = await upgrade(worker.rpc, "/watch");
    await agent.channel!.nth("attend");
    for (let i = 0; i < 5; i++) agent.sendFrame("line\n", { instanceId, start: i * 5 });
    await acked(agent, 5);
    await until(() => news(reader), "news");
    expect(news(reader)).toBe(1);
    await worker.logs({ attend: true });
    await until(() => news(reader) === 2, "what was missed");
    await worker.logs({ attend: true });
    agent.sendFrame("line\n", { instanceId, start: 25 });
    await until(() => news(reader) === 3, "the next news");
  });

  it("makes hosts that come later attend too, and reminds them", async () => {
    const { agent, host, worker } = await liveWithInstance();
    await upgrade(worker.rpc, "/watch");
    await host.connectWorker(worker.id, true);
    await agent.channel!.nth("attend");
    await worker.inside(async (object) => {
      object.parts.rim.now = () => Date.now() + 31_000;
      await object.alarm();
    });
    await agent.channel!.nth("attend", 2);
  });

  it("waits for what the hosts still have, and not at all for hosts that are not there", async () => {
    const { agent, worker } = await liveWithInstance();
    await worker.rpc.flush();
    expect(agent.channel!.of("flush")).toHaveLength(1);
    await (await fresh()).rpc.flush();
  });
});

async function fresh() {
  const worker = new TestWorker(await makeProject());
  await worker.apply();
  return worker;
}
