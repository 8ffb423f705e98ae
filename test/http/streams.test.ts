// Live streams: complete on connect, then each change once; they resume, and end with their reader or its rights.
import { beforeAll, describe, expect, it } from "vitest";
import type { EventView, InstanceView, WorkerView } from "../../protocol/rest.ts";
import { makeProject, makeWorker, makeWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});

interface Seen {
  readonly id: string | undefined;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the stream tells
  readonly data: any;
}

/** Reads an event stream as it comes. */
async function open(path: string, headers: Record<string, string> = {}) {
  const response = await world.send(path, { headers });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let done = false;
  const field = (block: string, name: string) =>
    new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
  const events = (): Seen[] =>
    text.split("\n\n").flatMap((block) => {
      const data = field(block, "data");
      if (data === undefined) return [];
      const event = field(block, "event") ?? "message";
      return [{ id: field(block, "id"), event, data: JSON.parse(data) }];
    });
  const read = async () => {
    const next = await reader.read();
    done = next.done;
    text += next.value ?? "";
  };
  return {
    events,
    of: (name: string) => events().filter(({ event }) => event === name),
    lastId: () => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1],
    async until(look: () => unknown) {
      while (!look() && !done) await read();
      expect(look()).toBeTruthy();
    },
    async toEnd() {
      while (!done) await read();
    },
    close: () => reader.cancel(),
  };
}

const projection = (id: string, version: number, status: string) =>
  world.env.DB.prepare(
    `INSERT INTO worker_projections (worker_id, version, status, running, at) VALUES (?, ?, ?, 1, ?)
     ON CONFLICT DO UPDATE SET version = excluded.version, status = excluded.status, at = excluded.at`,
  )
    .bind(id, version, status, Date.now())
    .run();

describe("the stream of a project", () => {
  it("begins with all workers and hosts, then tells each change once", async () => {
    const project = await makeProject(world);
    const [first, second] = [await makeWorker(world, project), await makeWorker(world, project)];
    const asked = world.worker(second.id).calls;
    const stream = await open(`${project.path}/stream`);
    await stream.until(() => stream.of("hosts").length === 1);
    const [all] = stream.of("workers");
    const listed = await world.ask<{ items: WorkerView[] }>(`${project.path}/workers`);
    expect(all?.data).toEqual({ items: listed.body.items });
    expect(stream.of("hosts")[0]?.data).toEqual({ items: [] });
    await projection(second.id, 1, "running");
    await stream.until(() => stream.of("worker").length === 1);
    expect(stream.of("worker")[0]?.data).toMatchObject({ id: second.id, status: "running" });
    const third = await makeWorker(world, project);
    await stream.until(() => stream.of("worker").length === 2);
    expect(stream.of("worker")[1]?.data).toMatchObject({ id: third.id });
    await world.ask(first.path, { method: "DELETE" });
    await stream.until(() => stream.of("worker_gone").length === 1);
    expect(stream.of("worker_gone")[0]?.data).toEqual({ id: first.id });
    await world.env.DB.batch([
      world.env.DB.prepare(
        "INSERT INTO hosts (id, project_id, name, public_key, capacity, facts, joined_at) VALUES (?, ?, 'web-1', '', ?, ?, 0)",
      ).bind(
        `hst_${project.id.slice(4)}`,
        project.id,
        '{"slots":4,"memoryBytes":1,"cpus":1}',
        '{"agentVersion":"1","os":"linux","arch":"x64","containment":"cgroup"}',
      ),
    ]);
    await stream.until(() => stream.of("hosts").length === 2);
    expect(stream.of("hosts")[1]?.data).toMatchObject({ items: [{ name: "web-1" }] });
    expect(stream.of("workers")).toHaveLength(1);
    expect(stream.events()).toHaveLength(6);
    await stream.close();
    expect(world.worker(second.id).calls).toBe(asked);
  });

  it("ends when its reader may no longer see it, and not before", async () => {
    const project = await makeProject(world);
    const made = await world.ask<{ id: string; token: string }>(`${project.path}/tokens`, {
      body: { name: "eyes", role: "viewer" },
    });
    const { Standing } = await import("../../src/services/stream/standing.ts");
    const { admit } = await import("../../src/services/admit.ts");
    const { makeCall } = await import("../../src/services/call.ts");
    const call = makeCall(world.env, { requestId: "r", now: Date.now(), waitUntil: () => {} });
    const credentials = { authorization: `Bearer ${made.body.token}`, session: undefined };
    const refs = { project: project.name };
    const admitted = await admit(call, { credentials, action: "projects.watch", refs });
    let now = Date.now();
    const standing = new Standing(admitted, () => now);
    expect(await standing.mayLook()).toBe(true);
    await world.ask(`${project.path}/tokens/${made.body.id}`, { method: "DELETE" });
    expect(await standing.mayLook()).toBe(true);
    now += 61_000;
    expect(await standing.mayLook()).toBe(false);
    const bounded = new Standing({ admitAgain: async () => {} }, () => now);
    let looks = 0;
    while (await bounded.mayLook()) looks++;
    expect(looks).toBe(800);
  });
});

const instance = (state: InstanceView["state"], lastHeartbeatAt: string | null = null) => ({
  id: "ins_1",
  slot: 0,
  generation: 1,
  attempt: 1,
  state,
  ...{ hostId: null, hostName: null, mode: "available" as const },
  pid: null,
  startedAt: null,
  lastHeartbeatAt,
  release: 1,
  restarts: 0,
  restartAt: null,
  detail: null,
});

const happened = (n: number): { cursor: string; view: EventView } => ({
  cursor: String(n),
  view: {
    id: `evt_${n}`,
    at: new Date(n).toISOString(),
    kind: "scaled",
    actor: "a",
    message: `event ${n}`,
    slot: null,
    instance: null,
    deploy: null,
    release: null,
    crash: null,
  },
});

describe("the stream of a worker", () => {
  async function live() {
    const project = await makeProject(world);
    const worker = await makeWorker(world, project);
    return { ...worker, object: world.worker(worker.id), stream: `${worker.path}/stream` };
  }

  it("begins with status, instances and deploys, then tells what changed and nothing else", async () => {
    const { id, object, stream: path } = await live();
    const stream = await open(path);
    await stream.until(() => stream.of("deploy").length === 1);
    expect(stream.events().map(({ event }) => event)).toEqual(["worker", "instances", "deploy"]);
    expect(stream.of("worker")[0]?.data).toMatchObject({ id, status: "deploying" });
    await object.change({ instances: [instance("starting")] });
    await stream.until(() => stream.of("instances").length === 2);
    await object.change({ instances: [instance("starting", "2026-01-01T00:00:00.000Z")] });
    await object.change({ events: [happened(1)] });
    await stream.until(() => stream.of("event").length === 1);
    expect(stream.of("event")[0]).toMatchObject({ id: "1", data: { message: "event 1" } });
    expect(stream.events()).toHaveLength(5);
    await object.change({ deploys: [{ ...object.started[0]!, status: "live" }] });
    await stream.until(() => stream.of("deploy").length === 2);
    expect(stream.of("deploy")[1]?.data).toMatchObject({ status: "live" });
    await stream.close();
  });

  it("tells a change of the spec as soon as the object knows it", async () => {
    const { object, path, stream: at } = await live();
    const stream = await open(at);
    await stream.until(() => stream.of("worker").length === 1);
    await world.ask(path, { method: "PATCH", body: { instances: 3 } });
    await object.change({ overview: await object.overview() });
    await stream.until(() => stream.of("worker").length === 2);
    expect(stream.of("worker")[1]?.data).toMatchObject({ instances: 3, specVersion: 2 });
    await stream.close();
  });

  it("resumes behind the last event that was seen, without gap and without doubles", async () => {
    const { object, stream: path } = await live();
    await object.change({ events: [happened(1)] });
    const first = await open(path);
    await first.until(() => first.lastId() === "1");
    expect(first.of("event")).toEqual([]);
    await first.close();
    await object.change({ events: [1, 2, 3].map(happened) });
    const second = await open(path, { "last-event-id": "1" });
    await second.until(() => second.of("event").length === 2);
    expect(second.of("event").map(({ id }) => id)).toEqual(["2", "3"]);
    await second.close();
    const wrong = await world.problem(path, { headers: { "last-event-id": "x'" } });
    expect(wrong.status).toBe(400);
  });

  it("goes on through resets of the object, and ends when the worker is deleted", async () => {
    const { object, path, stream: at } = await live();
    const stream = await open(at);
    await stream.until(() => stream.of("deploy").length === 1);
    object.reset();
    object.failing = 2;
    await object.change({ events: [happened(1)] }).catch(() => {});
    object.failing = 0;
    await object.change({ events: [happened(1)] });
    await stream.until(() => stream.of("event").length === 1);
    await world.ask(path, { method: "DELETE" });
    await object.change({ overview: null });
    await stream.toEnd();
    expect(stream.of("event")).toHaveLength(1);
  }, 20_000);

  it("lets go of the object's socket when the reader goes", async () => {
    const { object, stream: path } = await live();
    const stream = await open(path);
    await stream.until(() => stream.of("worker").length === 1);
    const closed = new Promise((resolve) => object.watchers[0]?.addEventListener("close", resolve));
    await stream.close();
    await closed;
  });
});

describe("the log of a build", () => {
  const lineOf = (n: number) => ({
    at: new Date(n).toISOString(),
    text: `line ${n}`,
    cursor: `${n}`,
  });
  const building = { cursor: "0", more: false, status: "building" as const };
  async function live() {
    const project = await makeProject(world);
    const worker = await makeWorker(world, project);
    const object = world.worker(worker.id);
    const tell = (count: number, complete = false) => {
      const lines = Array.from({ length: count }, (_, i) => lineOf(i + 1));
      const status = complete ? ("failed" as const) : ("building" as const);
      object.building = { ...building, status, lines, building: !complete, complete };
      for (const socket of object.sockets) socket.send(JSON.stringify({ type: "news" }));
    };
    return { object, tell, log: `${worker.path}/deploys/1/log`, path: worker.path };
  }

  it("is read in pages, from the beginning or behind a cursor", async () => {
    const { log, path, tell } = await live();
    tell(3);
    const page = await world.ask(`${log}?limit=2`);
    expect(page.headers.get("content-type")).toBe("application/x-ndjson");
    expect(
      page.text
        .trim()
        .split("\n")
        .map((one) => JSON.parse(one)),
    ).toEqual([1, 2].map(lineOf));
    expect(page.headers.get("coppice-more")).toBe("1");
    const rest = await world.ask(`${log}?cursor=${page.headers.get("coppice-cursor")}`);
    expect(JSON.parse(rest.text)).toEqual(lineOf(3));
    expect(rest.headers.get("coppice-more")).toBe("0");
    expect((await world.problem(`${path}/deploys/9/log`)).status).toBe(404);
    expect((await world.problem(`${path}/deploys/9/log?follow=1`)).status).toBe(404);
  });

  it("is followed while it is built, and ends with the build", async () => {
    const { log, tell } = await live();
    const stream = await open(`${log}?follow=1`);
    tell(2);
    await stream.until(() => stream.of("message").length === 2);
    tell(5, true);
    await stream.toEnd();
    expect(stream.of("message").map(({ data }) => data)).toEqual([1, 2, 3, 4, 5].map(lineOf));
    expect(stream.of("message").map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5"]);
    expect(stream.events().at(-1)).toMatchObject({ event: "end", data: { status: "failed" } });
    const again = await open(`${log}?follow=1`, { "last-event-id": "4" });
    await again.toEnd();
    expect(again.events().map(({ event }) => event)).toEqual(["message", "end"]);
  });
});
