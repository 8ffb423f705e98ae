// What an object tells those who look at it: news of each kind to whom it concerns, a look that has all, a build's log.
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { BuildLogPage } from "../../src/rpc.ts";
import { wish } from "./deploys.ts";
import { TestHost } from "./fake-host.ts";
import { makeLive } from "./live.ts";
import { makeProject, prepareD1, TestWorker, until, upgrade } from "./support.ts";

beforeAll(prepareD1);

const news = (channel: Awaited<ReturnType<typeof upgrade>>) => channel.of("news").length;

/** A worker whose first build waits for its host. */
async function toBuild() {
  const projectId = await makeProject();
  const host = await TestHost.online(projectId);
  host.obedient = false;
  const worker = new TestWorker(projectId);
  await worker.apply();
  const listed = () => host.hostChannel?.of("workers").at(-1)?.workers as string[] | undefined;
  await until(() => listed()?.length, "the list");
  return { host, worker, agent: await host.connectWorker(worker.id) };
}

describe("a watcher", () => {
  it("is told once of many changes, and again only after a look", async () => {
    const { agent, worker } = await makeLive(1);
    const watcher = await upgrade(worker.rpc, "/watch/state");
    const [id] = [...agent.instances.keys()] as [string];
    for (let i = 0; i < 3; i++) {
      agent.crash(id);
      agent.report();
    }
    await until(() => news(watcher) === 1, "news");
    const first = await worker.rpc.snapshot({ after: "0" });
    expect(first.instances).toHaveLength(1);
    expect(first.deploys.map(({ status }) => status)).toEqual(["live"]);
    expect(first.overview?.status).toBeTruthy();
    // What was missed meanwhile is told with the look; the next look finds nothing missed.
    await scheduler.wait(20);
    await worker.rpc.snapshot({ after: first.cursor });
    const settled = news(watcher);
    agent.crash(id);
    agent.report();
    await until(() => news(watcher) === settled + 1, "news after a look");
    const next = await worker.rpc.snapshot({ after: first.cursor });
    expect(next.events.length).toBeGreaterThan(0);
    expect(next.events.every(({ cursor }) => Number(cursor) > Number(first.cursor))).toBe(true);
    expect(next.events.map(({ view }) => view.kind)).toContain("instance_crashed");
    watcher.ws.close();
  });

  it("hears nothing of log lines, and asks nothing of hosts", async () => {
    const { agent, worker } = await makeLive(1);
    const watcher = await upgrade(worker.rpc, "/watch/state");
    const reader = await upgrade(worker.rpc, "/watch");
    await until(() => agent.channel?.of("attend").length === 1, "the host to attend the reader");
    const [instanceId] = [...agent.instances.keys()] as [string];
    agent.sendFrame("hello\n", { instanceId, start: 0 });
    await until(() => news(reader) === 1, "news of the line");
    expect(news(watcher)).toBe(0);
    expect(agent.channel?.of("attend")).toHaveLength(1);
    for (const { ws } of [watcher, reader]) ws.close();
  });

  it("is told of steps of a build, of notes, of specs and of deploys", async () => {
    const { agent, worker } = await toBuild();
    const build = await until(() => agent.desired?.builds[0], "a build to do");
    const watcher = await upgrade(worker.rpc, "/watch/state");
    const expectNews = async (what: string, cause: () => unknown) => {
      await worker.rpc.snapshot({ after: null });
      await scheduler.wait(20);
      await worker.rpc.snapshot({ after: null });
      const before = news(watcher);
      await cause();
      await until(() => news(watcher) > before, `news of ${what}`);
    };
    const step = { name: "fetch", state: "running", startedAt: 1, durationMs: null, detail: null };
    const running = { deployId: build.deployId, outcome: { kind: "running" as const } };
    await expectNews("a step", () =>
      agent.report({ builds: [{ ...running, steps: [step as never] }] }),
    );
    const { deploys } = await worker.rpc.snapshot({ after: null });
    expect(deploys[0]?.steps).toHaveLength(1);
    const note = { eventId: "evt_x", kind: "env_changed", actor: "a", message: "m" } as const;
    await expectNews("a note", () => worker.rpc.note(note));
    await expectNews("a cancel", () => worker.rpc.cancelDeploy({ number: 1, actor: "a" }));
    watcher.ws.close();
  });

  it("is still told after the object was evicted", async () => {
    const { agent, worker } = await makeLive(1);
    const watcher = await upgrade(worker.rpc, "/watch/state");
    await evictDurableObject(worker.stub);
    const [id] = [...agent.instances.keys()] as [string];
    agent.crash(id);
    agent.report();
    await until(() => news(watcher) === 1, "news");
    watcher.ws.close();
  });
});

describe("the log of a build", () => {
  async function building() {
    const { agent, host, worker } = await toBuild();
    const build = await until(() => agent.desired?.builds[0], "a build to do");
    const read = (more: { cursor?: string; limit?: number; number?: number } = {}) =>
      worker.rpc.buildLog({ number: 1, cursor: null, limit: 100, attend: false, ...more });
    const frame = (text: string, start: number, more = {}) =>
      agent.sendFrame(text, { instanceId: build.deployId, stream: "build", start, ...more });
    const stored = (count: number) => agent.channel!.nth("frame_ack", count);
    return { agent, build, frame, host, read, stored, worker };
  }
  const texts = (page: BuildLogPage | null) => page?.lines.map(({ text }) => text);

  it("is read while it is built, from the beginning or behind a line, without the program's lines", async () => {
    const { frame, read, stored } = await building();
    expect(await read()).toMatchObject({ lines: [], building: true, complete: false });
    expect(await read({ number: 7 })).toBeNull();
    frame("one\ntwo\nthr", 0, { cut: true });
    frame("ee\nfour\n", 11);
    await stored(2);
    const page = await read({ limit: 3 });
    expect(texts(page)).toEqual(["one", "two", "three"]);
    expect(page).toMatchObject({ more: true, status: "building" });
    const rest = await read({ cursor: page!.cursor });
    expect(texts(rest)).toEqual(["four"]);
    expect(rest).toMatchObject({ more: false, complete: false });
    expect(texts(await read({ cursor: page!.lines[0]!.cursor }))).toEqual(["two", "three", "four"]);
    expect(texts(await read({ cursor: rest!.cursor }))).toEqual([]);
  });

  it("is complete once the build is over and its last byte is stored, not before", async () => {
    const { agent, build, frame, read, stored } = await building();
    frame("one\n", 0);
    await stored(1);
    const words = { message: "no", tail: [] };
    const failed = { kind: "failed" as const, reason: "build_failed" as const, ...words };
    const step = { name: "build", state: "failed", startedAt: 1, durationMs: 1, detail: null };
    agent.report({
      builds: [{ deployId: build.deployId, steps: [step as never], outcome: failed }],
    });
    await until(async () => (await read())?.status === "failed", "the deploy to fail");
    expect(await read()).toMatchObject({ building: false, complete: false });
    frame("two\n", 4, { last: true });
    await stored(2);
    const all = await read();
    expect(texts(all)).toEqual(["one", "two"]);
    expect(all?.complete).toBe(true);
  });

  it("of a restart, which builds nothing, is empty and complete", async () => {
    const { worker } = await makeLive(1);
    const deployId = "dep_00000000000000000000000000000001" as never;
    await worker.rpc.deploy(wish({ deployId, kind: "restart" }));
    const page = await worker.rpc.buildLog({ number: 2, cursor: null, limit: 9, attend: false });
    expect(page).toMatchObject({ lines: [], complete: true });
  });
});

describe("a host", () => {
  const asked = { repo: "/srv/x", branch: null, rootDir: ".", allowLocalRepo: true };
  const found = {
    readable: true,
    branches: ["main"],
    defaultBranch: "main",
    suggestions: [],
    reason: null,
  };

  it("is asked to look into a repository, and its answer goes to who asked", async () => {
    const host = await TestHost.online(await makeProject());
    const [first, second] = [host.rpc.inspect(asked), host.rpc.inspect({ ...asked, rootDir: "b" })];
    await host.hostChannel!.nth("inspect", 2);
    const messages = host.hostChannel!.of("inspect");
    expect(messages[0]).toMatchObject(asked);
    const answer = (at: number, reason: string) =>
      host.hostChannel!.send({ type: "inspected", id: messages[at]!.id, ...found, reason });
    answer(1, String(messages[1]!.rootDir));
    answer(0, String(messages[0]!.rootDir));
    host.hostChannel!.send({ type: "inspected", id: "nobody asked", ...found });
    expect((await first)?.reason).toBe(".");
    expect((await second)?.reason).toBe("b");
    expect(host.hostChannel!.closeCode).toBeNull();
  });

  it("that is not connected, or goes away, is answered for at once", async () => {
    const projectId = await makeProject();
    expect(await (await TestHost.make(projectId)).rpc.inspect(asked)).toBeNull();
    const host = await TestHost.online(projectId);
    const pending = host.rpc.inspect(asked);
    await host.hostChannel!.nth("inspect");
    host.close();
    expect(await pending).toBeNull();
  });
});
