// The client's promises: repeated only where that is safe, refusals as typed errors, streams read however the bytes are
// cut, and a followed stream that comes back after the last event it gave.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ApiError,
  LinkError,
  makeClient,
  ok,
  pages,
  readNdjson,
  readSse,
} from "../../client/index.ts";
import { FakeControlPlane } from "./fake.ts";
import { TOKEN } from "./views.ts";

const path = { project: "shop", worker: "mailer" };
const ONE = "/v1/projects/{project}/workers/{worker}";

describe("requests", () => {
  let plane: FakeControlPlane;
  beforeEach(async () => {
    plane = await new FakeControlPlane().start();
  });
  afterEach(() => plane.stop());
  const client = (over: object = {}) =>
    makeClient({ baseUrl: plane.url, token: TOKEN, retry: { baseMs: 1 }, ...over });

  test("are typed, and carry the token", async () => {
    const view = await ok(client().GET(ONE, { params: { path } }));
    expect(view.name satisfies string).toBe("mailer");
    expect(plane.asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test("a refusal is an ApiError with its code", async () => {
    const failed = ok(client().GET(ONE, { params: { path: { ...path, worker: "none" } } }));
    await expect(failed).rejects.toMatchObject({
      status: 404,
      code: "not_found",
      requestId: "req_1",
    });
    await expect(failed).rejects.toBeInstanceOf(ApiError);
  });

  test("what may pass is tried again where that is safe: reads, PUT, creates under a key of their own", async () => {
    plane.fail("GET /v1/projects/shop/workers/mailer", "unavailable", 1);
    plane.fail("PUT /v1/projects/shop/workers/mailer/env", "unavailable", 1);
    plane.fail("POST /v1/projects/shop/workers/mailer/deploys", "unavailable", 1);
    await ok(client().GET(ONE, { params: { path } }));
    await ok(client().PUT(`${ONE}/env`, { params: { path }, body: { set: {} } }));
    await ok(client().POST(`${ONE}/deploys`, { params: { path }, body: {} }));
    const keys = plane.asked
      .filter(({ method }) => method === "POST")
      .map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(plane.asked).toHaveLength(6);
  });

  test("and never where it is not: PATCH, DELETE, a POST without a key", async () => {
    for (const [method, end] of [
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/stop"],
    ] as const) {
      plane.fail(`${method} /v1/projects/shop/workers/mailer${end}`, "unavailable", 1);
    }
    await expect(
      client().PATCH(ONE, { params: { path }, body: { instances: 1 } }),
    ).rejects.toThrow();
    await expect(client().DELETE(ONE, { params: { path } })).rejects.toThrow();
    await expect(client().POST(`${ONE}/stop`, { params: { path } })).rejects.toThrow();
    expect(plane.asked).toHaveLength(3);
  });

  test("it gives up after three tries", async () => {
    plane.fail("GET /v1/whoami", "unavailable", 9);
    await expect(client().GET("/v1/whoami")).rejects.toMatchObject({ status: 503 });
    expect(plane.asked).toHaveLength(3);
  });

  test("nobody there is a LinkError; too slow is one too; an abort is the caller's own", async () => {
    await expect(client({ baseUrl: "http://127.0.0.1:1" }).GET("/v1/whoami")).rejects.toMatchObject(
      {
        reason: "unreachable",
      },
    );
    const silent = (_: unknown, init?: RequestInit) =>
      new Promise<Response>((_, reject) =>
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
      );
    const slow = client({ fetch: silent, retry: { baseMs: 1, timeoutMs: 20 } }).GET("/v1/whoami");
    await expect(slow).rejects.toBeInstanceOf(LinkError);
    await expect(slow).rejects.toMatchObject({ reason: "timeout" });
    const signal = AbortSignal.abort(new Error("mine"));
    await expect(client({ signal }).GET("/v1/whoami")).rejects.toThrow("mine");
  });

  test("a page of somebody else's is not taken for a Coppice", async () => {
    const fetch = async () => new Response("<html>", { status: 502, statusText: "Bad Gateway" });
    await expect(client({ fetch }).GET("/v1/whoami")).rejects.toMatchObject({
      code: "unknown",
      status: 502,
    });
  });

  test("a list is read to its last page", async () => {
    const asked: (string | undefined)[] = [];
    const read = async (cursor?: string) => {
      asked.push(cursor);
      return { items: [asked.length], next: asked.length < 3 ? `c${asked.length}` : null };
    };
    const items: number[] = [];
    for await (const item of pages(read)) items.push(item);
    expect(items).toEqual([1, 2, 3]);
    expect(asked).toEqual([undefined, "c1", "c2"]);
  });
});

/** The text as a body whose bytes come in pieces of that size, so that letters and lines are cut anywhere. */
function cut(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size)
        controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe.each([1, 2, 3, 7, 1_000])("bodies that come in pieces of %i bytes", (size) => {
  test("NDJSON, also without a last line end", async () => {
    const text = '{"a":"日本"}\r\n\n{"a":2}';
    expect(await all(readNdjson(cut(text, size)))).toEqual([{ a: "日本" }, { a: 2 }]);
  });

  test("events: ids, kinds, several lines of data, comments, ids alone", async () => {
    const text =
      ": hello\n\nretry: 50\n\nid: 1\ndata: é\n\nevent: end\ndata: a\ndata:  b\n\nid: 7\n\ndata: cut off";
    const events = await all(readSse(cut(text, size)));
    const quiet = { event: "message", id: null, data: null, retryMs: null };
    expect(events).toEqual([
      quiet,
      { ...quiet, retryMs: 50 },
      { ...quiet, id: "1", data: "é" },
      { ...quiet, event: "end", data: "a\n b" },
      { ...quiet, id: "7" },
    ]);
  });
});

describe("a stream that is followed", () => {
  let serve: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => serve(request, response));
  let baseUrl: string;
  beforeEach(async () => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    baseUrl = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  async function take(count: number, options: object = {}): Promise<string[]> {
    const control = new AbortController();
    const taken: string[] = [];
    const events = makeClient({ baseUrl }).follow("/s", { signal: control.signal, ...options });
    for await (const { data } of events) if (taken.push(data) >= count) control.abort();
    return taken;
  }

  test("comes back after the last event, however the link breaks, and gives each once", async () => {
    const resumed: (string | undefined)[] = [];
    serve = (request, response) => {
      const last = Number(request.headers["last-event-id"] ?? 0);
      resumed.push(request.headers["last-event-id"] as string | undefined);
      if (resumed.length === 3) return void response.writeHead(503).end();
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("retry: 5\n\n");
      for (const id of [last + 1, last + 2]) response.write(`id: ${id}\ndata: ${id}\n\n`);
      // A half event is no event, and the link breaks in the middle of it.
      response.write(`id: ${last + 3}\ndata: ha`, () => response.destroy());
    };
    const links: string[] = [];
    const onLink = ({ state }: { state: string }) => links.push(state);
    expect(await take(6, { onLink })).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(resumed).toEqual([undefined, "2", "4", "4"]);
    expect(links).toEqual(["open", "lost", "open", "lost", "lost", "open"]);
  });

  test("an id without data moves the resume point", async () => {
    const resumed: unknown[] = [];
    serve = (request, response) => {
      resumed.push(request.headers["last-event-id"]);
      response.writeHead(200);
      response.end(resumed.length === 1 ? "retry: 5\n\nid: 9\n\n" : "id: 10\ndata: x\n\n");
    };
    expect(await take(1)).toEqual(["x"]);
    expect(resumed).toEqual([undefined, "9"]);
  });

  test("silence is a broken link", async () => {
    let opened = 0;
    serve = (_, response) => {
      opened++;
      response.writeHead(200);
      response.write("retry: 5\n\n");
      if (opened > 1) response.write("id: 1\ndata: back\n\n");
    };
    expect(await take(1, { silentMs: 60 })).toEqual(["back"]);
    expect(opened).toBe(2);
  });

  test("a refusal ends it", async () => {
    serve = (_, response) => void response.writeHead(404).end("{}");
    await expect(take(1)).rejects.toMatchObject({ status: 404 });
  });
});
