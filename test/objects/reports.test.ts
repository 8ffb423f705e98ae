// What a host reports is taken in once and for good, whatever happens to the object in between.
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { CLOSE_CODES } from "../../protocol/channel.ts";
import { wish } from "./deploys.ts";
import { TestHost } from "./fake-host.ts";
import { abort } from "./faults.ts";
import { makeLive } from "./live.ts";
import { prepareD1, type TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

const ALL = { cursor: null, limit: 100 };

async function crashLines(worker: TestWorker): Promise<string[]> {
  return (await worker.systemTexts()).filter((text) => text.startsWith("crashed"));
}

describe("a crash", () => {
  it("is recorded once, however often it is reported", async () => {
    const { worker, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()];
    const exit = agent.crash(id!, { exitCode: 3, oom: false });
    for (let i = 0; i < 3; i++) agent.report({ exits: [exit, exit] });
    await until(() => agent.exits.size === 0, "the ack");
    const { items } = await worker.rpc.crashes(ALL);
    expect(items).toMatchObject([
      {
        slot: 0,
        attempt: 1,
        exitCode: 3,
        uptimeMs: 1_234,
        release: 1,
        reason: "crash",
        tail: ["last words"],
      },
    ]);
    const events = (await worker.rpc.events(ALL)).items.filter(
      (one) => one.kind === "instance_crashed",
    );
    expect(events).toMatchObject([{ crash: items[0]?.id, slot: 0 }]);
    expect(await crashLines(worker)).toEqual([
      "crashed with exit code 3 after 1.2 s · restarting at once",
    ]);
    expect(await worker.systemTexts()).toContainEqual(
      expect.stringMatching(/^started · attempt 2/),
    );
  });

  it("counts as one of its kind, which says since when, how often, and on which days", async () => {
    const { worker, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()];
    const at = Date.parse("2026-08-15T12:00:00Z");
    const die = async (attempt: number, line: string) => {
      const exit = agent.crash(id!, { exitCode: 1, oom: false });
      agent.report({ exits: [{ ...exit, attempt, tail: [line], exitedAt: at + attempt * 1_000 }] });
      await until(
        async () => (await worker.rpc.crashes(ALL)).items.length === attempt,
        "the crash",
      );
    };
    await die(1, "Error: job 17 failed");
    await die(2, "Error: job 18 failed");
    await die(3, "Error: no queue");
    const groups = await worker.rpc.crashGroups(10);
    expect(groups).toMatchObject([
      { title: "Error: no queue", count: 1, cause: "exit code 1" },
      { title: "Error: job 17 failed", count: 2, firstRelease: 1, lastRelease: 1, isNew: true },
    ]);
    expect(Date.parse(groups[1]!.lastAt) - Date.parse(groups[1]!.firstAt)).toBe(1_000);
    const { items } = await worker.rpc.crashes({ ...ALL, group: groups[1]!.id });
    expect(items.map(({ tail }) => tail)).toEqual([
      ["Error: job 18 failed"],
      ["Error: job 17 failed"],
    ]);
    expect(items[0]?.id).toBe(groups[1]!.lastCrash);
  });

  it("of which none is like another makes no more kinds than are kept", async () => {
    const { worker } = await makeLive(1);
    const count = await worker.inside((object) => {
      const exit = {
        exitCode: 1,
        signal: null,
        oom: false,
        reason: "crash",
        detail: null,
      } as const;
      for (let n = 0; n < 600; n++) {
        const word = [...String(n)].map((digit) => "abcdefghij"[Number(digit)]).join("");
        const more = { ...exit, tail: [`Error: ${word}`], exitedAt: n, release: 1 };
        object.parts.crashGroups.count(more as never, `crs_${n}`);
      }
      return object.parts.crashGroups.list(1, 0, 1_000).length;
    });
    expect(count).toBeLessThanOrEqual(250);
    expect((await worker.rpc.crashGroups(1))[0]?.title).toBe("Error: fjj");
  });

  it("that is told late is filed under its own kind, and moves the beginning of one that is known", async () => {
    const { worker } = await makeLive(1);
    const [late, groups] = await worker.inside((object) => {
      const { crashGroups } = object.parts;
      const count = (title: string, exitedAt: number, release = 7) => {
        const exit = { exitCode: 1, signal: null, oom: false, reason: "crash", detail: null };
        const more = { ...exit, tail: [`Error: ${title}`], exitedAt, release };
        return crashGroups.count(more as never, `crs_${title}`).group;
      };
      const word = (n: number) => [...String(n)].map((d) => "abcdefghij"[Number(d)]).join("");
      count("known", 2_000);
      count("known", 500, 3);
      for (let n = 0; n < 249; n++) count(word(n), 1_000 + n);
      const seq = count("late", 1);
      return [seq, crashGroups.list(7, 0, 1_000)] as const;
    });
    expect(groups.find(({ id }) => id === late)?.title).toBe("Error: late");
    expect(groups.find(({ title }) => title === "Error: known")).toMatchObject({
      ...{ firstAt: new Date(500).toISOString(), firstRelease: 3, lastRelease: 7, isNew: false },
    });
  });

  it("with exit code 0 is one too, and one that was asked for is none", async () => {
    const { worker, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()];
    agent.crash(id!, { exitCode: 0 });
    agent.report();
    await until(() => agent.exits.size === 0, "the first ack");
    agent.crash(id!, { reason: "stopped", signal: "SIGTERM", exitCode: null, restartInMs: null });
    agent.report();
    await until(() => agent.exits.size === 0, "the second ack");
    expect((await worker.rpc.crashes(ALL)).items).toMatchObject([{ exitCode: 0 }]);
  });

  it.each(["eviction", "abort"] as const)("is not lost to an %s before its ack", async (how) => {
    const { worker, agent, host } = await makeLive(1);
    const [id] = [...agent.instances.keys()];
    agent.crash(id!);
    if (how === "eviction") {
      await evictDurableObject(worker.stub);
      agent.report();
    } else {
      agent.report();
      await abort(worker);
      await host.connectWorker(worker.id, true);
    }
    await until(() => agent.exits.size === 0, "the ack");
    expect((await worker.rpc.crashes(ALL)).items).toHaveLength(1);
    expect(await crashLines(worker)).toHaveLength(1);
    await worker.runs(1);
  });

  it("pages newest first without doubles", async () => {
    const { worker, agent } = await makeLive(1);
    const [id] = [...agent.instances.keys()];
    for (let i = 0; i < 7; i++) agent.crash(id!, { exitCode: i + 1 });
    agent.report();
    await until(() => agent.exits.size === 0, "the ack");
    const codes: (number | null)[] = [];
    for (let cursor: string | null = null, first = true; first || cursor; first = false) {
      const page: Awaited<ReturnType<typeof worker.rpc.crashes>> = await worker.rpc.crashes({
        cursor,
        limit: 3,
      });
      codes.push(...page.items.map((one) => one.exitCode));
      cursor = page.next;
    }
    expect(codes).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });
});

describe("three crashes in its soak", () => {
  it("revert a deploy to the live release", async () => {
    const { worker, host, agent } = await makeLive(1);
    const old = [...agent.instances.keys()];
    host.obedient = false;
    await worker.rpc.deploy(wish());
    await until(() => agent.desired?.builds.length, "the build");
    host.obedient = true;
    agent.obey({ ...agent.desired!, run: [] });
    host.obedient = false;
    const fresh = await until(
      () => agent.desired?.run.find((one) => !old.includes(one.instanceId)),
      "the newcomer",
    );
    agent.start(fresh.instanceId, fresh);
    const one = agent.instances.get(fresh.instanceId)!;
    agent.instances.set(fresh.instanceId, { ...one, state: "running" });
    agent.report();
    for (let i = 0; i < 3; i++) agent.crash(fresh.instanceId);
    host.obedient = true;
    agent.report();
    const deploy = await until(async () => {
      const found = await worker.rpc.deployByNumber(2);
      return found?.status === "reverted" ? found : null;
    }, "the deploy to be reverted");
    expect(deploy.reason).toMatch(/crashed 3 times/);
    expect(deploy.tail).toEqual(["last words"]);
    await worker.runs(1);
    expect((await worker.rpc.instances()).map((i) => i.id)).toEqual(old);
  });
});

describe("the worker channel", () => {
  it("sends a fresh complete set to each hello, and a new revision only where the content changed", async () => {
    const { worker, host, agent } = await makeLive(2);
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    const { revision } = agent;
    await host.connectWorker(worker.id, true);
    await until(() => agent.channel?.of("desired").length, "the set again");
    expect(agent.desired).toMatchObject({ revision, worker: "mailer", project: "shop" });
    expect(agent.desired?.run).toHaveLength(2);
    await worker.apply({ branch: "other" });
    agent.report();
    await worker.apply({ instances: 1 });
    await until(() => agent.revision > revision, "a newer revision");
    expect(agent.revision).toBe(revision + 1);
  });

  it("lets the newest connection speak and sends the older one away", async () => {
    const { worker, host, agent } = await makeLive(1);
    const first = agent.channel!;
    await host.connectWorker(worker.id, true);
    expect(await first.closed()).toBe(CLOSE_CODES.superseded.code);
    const second = agent.channel!;
    second.send({
      type: "report",
      epoch: host.epoch - 1,
      revision: 99,
      instances: [],
      exits: [],
      builds: [],
    });
    expect(await second.closed()).toBe(CLOSE_CODES.superseded.code);
    expect(await worker.rpc.instances()).toHaveLength(1);
    const third = await host.connectWorker(worker.id, true);
    await third.channel!.nth("welcome");
    third.channel!.send(third.hello({ epoch: host.epoch - 1 }));
    expect(await third.channel!.closed()).toBe(CLOSE_CODES.superseded.code);
  });

  it.each([
    ["text that is no JSON", "nonsense"],
    ["an unknown type", '{"type":"dance"}'],
    ["a report without instances", '{"type":"report","epoch":1,"revision":1}'],
    ["null", "null"],
  ])("refuses %s and lives on", async (_what, text) => {
    const { worker, host, agent } = await makeLive(1);
    const channel = agent.channel!;
    channel.send(text);
    expect(await channel.closed()).toBe(CLOSE_CODES.malformed.code);
    expect(channel.of("refused")).toMatchObject([{ reason: "malformed" }]);
    await host.connectWorker(worker.id, true);
    await agent.channel!.nth("welcome");
    await worker.runs(1);
  });

  it("refuses a frame that is cut off, and a binary message before hello", async () => {
    const { worker, host, agent } = await makeLive(1);
    agent.channel!.ws.send(new Uint8Array([1, 0, 0, 255, 255, 1]));
    expect(await agent.channel!.closed()).toBe(CLOSE_CODES.malformed.code);
    const again = await host.connectWorker(worker.id, true);
    await again.channel!.nth("welcome");
    again.channel!.ws.send(new Uint8Array([9]));
    expect(await again.channel!.closed()).toBe(CLOSE_CODES.malformed.code);
  });

  it("lets nobody in whose assertion is not signed by that host, is old, or is for another", async () => {
    const { worker, host } = await makeLive(1);
    const { upgrade } = await import("./support.ts");
    const other = await TestHost.make(host.projectId);
    const now = Math.floor(Date.now() / 1_000);
    const bad = [
      await other.assertion({ iss: host.id }),
      await host.assertion({ iat: now - 1_000 }),
      await host.assertion({ iat: now + 1_000 }),
      await host.assertion({ life: 600 }),
      await host.assertion({ aud: "elsewhere" }),
      "not.a.token",
    ];
    for (const token of bad) {
      const channel = await upgrade(worker.rpc, "/channel", token);
      expect(await channel.closed()).toBe(CLOSE_CODES.unauthorized.code);
    }
    const stranger = await upgrade(worker.rpc, "/channel", await other.assertion());
    expect(await stranger.closed()).toBe(CLOSE_CODES.not_here.code);
    const skewed = await upgrade(worker.rpc, "/channel", await host.assertion({ iat: now - 290 }));
    skewed.send((await host.of(worker)).hello());
    await skewed.nth("welcome");
  });
});
