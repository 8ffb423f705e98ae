// Logs: a page as NDJSON, and a stream that goes on through resets without losing or doubling a line.
import { beforeAll, describe, expect, it } from "vitest";
import type { LogLine } from "../../protocol/rest.ts";
import { makeProject, makeWorker, makeWorld, type World } from "./support.ts";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

async function worker() {
  const made = await makeWorker(world, project);
  return { ...made, object: world.worker(made.id) };
}
const linesOf = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);

/** Reads an event stream as it comes. */
async function follow(path: string, headers: Record<string, string> = {}) {
  const response = await world.send(`${path}/logs?follow=1`, { headers });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const events = () =>
    text.split("\n\n").flatMap((block) => {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      return data
        ? [{ id: /^id: (.*)$/m.exec(block)?.[1], line: JSON.parse(data) as LogLine }]
        : [];
    });
  return {
    events,
    async until(count: number) {
      while (events().length < count) {
        const { value, done } = await reader.read();
        if (done) break;
        text += value;
      }
      return events().map(({ line }) => line.text);
    },
    close: () => reader.cancel(),
  };
}

describe("a page", () => {
  it("is one object a line, and says where the next one begins", async () => {
    const { path, object } = await worker();
    object.write("a", "b", "c\nd");
    const page = await world.ask(`${path}/logs?limit=2`);
    expect(page.headers.get("content-type")).toBe("application/x-ndjson");
    expect(linesOf(page.text).map(({ text }) => text)).toEqual(["b", "c\nd"]);
    expect(page.headers.get("coppice-cursor")).toBe("3");
    object.write("e");
    const next = await world.ask(`${path}/logs?cursor=${page.headers.get("coppice-cursor")}`);
    expect(linesOf(next.text).map(({ text }) => text)).toEqual(["e"]);
    expect((await world.ask(`${path}/logs?cursor=4`)).text).toBe("");
    const first = await world.ask(`${path}/logs?cursor=0&limit=1`);
    expect(first.headers.get("coppice-more")).toBe("1");
  });

  it("goes back from a cursor, and says where the page before it ends", async () => {
    const { path, object } = await worker();
    object.write("a", "b", "c", "d", "e");
    const newest = await world.ask(`${path}/logs?limit=2`);
    expect(newest.headers.get("coppice-earlier")).toBe("4");
    const back = await world.ask(`${path}/logs?limit=2&before=4`);
    expect(linesOf(back.text).map(({ text }) => text)).toEqual(["b", "c"]);
    expect(back.headers.get("coppice-cursor")).toBe("3");
    const first = await world.ask(`${path}/logs?limit=2&before=2`);
    expect(linesOf(first.text).map(({ text }) => text)).toEqual(["a"]);
    expect(first.headers.has("coppice-earlier")).toBe(false);
    for (const wrong of ["before=x", "before=4&cursor=1", "before=4&follow=1", "before=4&before=5"])
      expect((await world.ask(`${path}/logs?${wrong}`)).status).toBe(400);
  });

  it("does not wait for a host that does not ship", async () => {
    const { path, object } = await worker();
    object.write("a");
    object.flush = () => new Promise(() => {});
    const begun = Date.now();
    expect(linesOf((await world.ask(`${path}/logs`)).text)).toHaveLength(1);
    expect(Date.now() - begun).toBeLessThan(4_000);
  });
});

describe("a stream", () => {
  it("begins with the newest lines and goes on with each new one", async () => {
    const { path, object } = await worker();
    object.write("old 1", "old 2");
    const stream = await follow(path);
    expect(await stream.until(2)).toEqual(["old 1", "old 2"]);
    object.write("new 1");
    expect(await stream.until(3)).toEqual(["old 1", "old 2", "new 1"]);
    expect(stream.events().map(({ id }) => id)).toEqual(["1", "2", "3"]);
    await stream.close();
  });

  it("resumes behind the last event that was seen", async () => {
    const { path, object } = await worker();
    object.write("a", "b", "c");
    const stream = await follow(path, { "last-event-id": "2" });
    expect(await stream.until(1)).toEqual(["c"]);
    await stream.close();
  });

  it("goes on through resets of the object, each line once and in order", async () => {
    const { path, object } = await worker();
    object.write("0");
    const stream = await follow(path);
    await stream.until(1);
    for (let i = 1; i <= 3; i++) {
      object.reset();
      object.failing = 2;
      object.write(String(i));
      expect(await stream.until(i + 1)).toEqual(Array.from({ length: i + 1 }, (_, n) => String(n)));
    }
    await stream.close();
  }, 20_000);

  it("gives many lines in order, in pages", async () => {
    const { path, object } = await worker();
    const stream = await follow(path);
    object.write(...Array.from({ length: 3_500 }, (_, i) => `line ${i}`));
    const texts = await stream.until(3_500);
    expect(texts).toEqual(Array.from({ length: 3_500 }, (_, i) => `line ${i}`));
    await stream.close();
  });

  it("gives fifty readers every line, and asks nothing more for one that never reads", async () => {
    const { path, object } = await worker();
    const lazy = await world.send(`${path}/logs?follow=1`);
    const readers = await Promise.all(Array.from({ length: 50 }, () => follow(path)));
    const texts = Array.from({ length: 2_500 }, (_, i) => `line ${i}`);
    object.write(...texts);
    const seen = await Promise.all(readers.map((reader) => reader.until(2_500)));
    for (const one of seen) expect(one).toEqual(texts);
    for (const reader of readers.slice(1)) await reader.close();
    const before = object.calls;
    object.write(...texts);
    await readers[0]?.until(5_000);
    // Three pages and a look that finds nothing, for the one that reads; at most one page for the other.
    expect(object.calls - before).toBeLessThanOrEqual(6);
    await readers[0]?.close();
    await lazy.body!.cancel();
  }, 30_000);

  it("lets go of the object's socket when the reader goes", async () => {
    const { path, object } = await worker();
    object.write("a");
    const stream = await follow(path);
    await stream.until(1);
    const [socket] = object.sockets;
    const closed = new Promise((resolve) => socket?.addEventListener("close", resolve));
    await stream.close();
    await closed;
  });

  it("that cannot begin is a problem, not an empty stream", async () => {
    const { path, object } = await worker();
    object.failing = 100;
    expect(await world.problem(`${path}/logs?follow=1`)).toMatchObject({
      status: 503,
      body: { code: "unavailable" },
    });
  });
});
