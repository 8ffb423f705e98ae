// The API in front of the real objects, through the real entry: what the stand-ins of the other tests promise.
import {
  abortAllDurableObjects,
  createExecutionContext,
  createScheduledController,
  evictAllDurableObjects,
  waitOnExecutionContext,
} from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type {
  CrashView,
  DeployView,
  EventView,
  HostView,
  InstanceView,
  JoinAnswer,
  JoinTokenView,
  LogLine,
  ReleaseView,
  WorkerView,
} from "../../protocol/rest.ts";
import entry from "../../src/index.ts";
import { freshName, makeProject, makeWorker, makeWorld, realEnv, type World } from "./support.ts";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;

beforeAll(async () => {
  const { WORKER_OBJECT, HOST_OBJECT } = realEnv;
  world = await makeWorld({ WORKER_OBJECT, HOST_OBJECT });
  project = await makeProject(world);
});

type List<T> = { items: T[]; next: string | null };
const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** A host with a key pair of its own. */
async function joinHost() {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const raw = (await crypto.subtle.exportKey("raw", pair.publicKey)) as ArrayBuffer;
  const { token } = (
    await world.ask<JoinTokenView>(`${project.path}/join-tokens`, { method: "POST" })
  ).body;
  const capacity = { slots: 4, memoryBytes: 8e9, cpus: 4 };
  const facts = { agentVersion: "1", os: "linux", arch: "x64", containment: "best_effort" };
  const body = {
    token,
    name: freshName("web"),
    publicKey: base64url(new Uint8Array(raw)),
    capacity,
    facts,
  };
  const { hostId } = (await world.ask<JoinAnswer>("/v1/agent/join", { body, token: null })).body;
  const part = (value: unknown) => base64url(new TextEncoder().encode(JSON.stringify(value)));
  const assertion = async () => {
    const iat = Math.floor(Date.now() / 1_000);
    const signed = `${part({ alg: "EdDSA" })}.${part({ iss: hostId, aud: "coppice", iat, exp: iat + 30 })}`;
    const signature = await crypto.subtle.sign(
      "Ed25519",
      pair.privateKey,
      new TextEncoder().encode(signed),
    );
    return `${signed}.${base64url(new Uint8Array(signature))}`;
  };
  const hello = {
    type: "hello",
    protocol: 1,
    hostId,
    epoch: 0,
    nonce: "n".repeat(32),
    bootId: "b",
    capacity,
    facts,
  };
  return { hostId, assertion, hello };
}

describe("workers", () => {
  it("are made, changed, watched and deleted", async () => {
    const worker = await makeWorker(world, project, { instances: 2 });
    const shown = await world.ask<WorkerView>(worker.path);
    expect(["pending", "deploying"]).toContain(shown.body.status);
    expect(shown.body.statusAt).not.toBeNull();
    const deploys = await world.ask<List<DeployView>>(`${worker.path}/deploys`);
    expect(deploys.body.items.map(({ number }) => number)).toEqual([1]);
    expect((await world.ask<DeployView>(`${worker.path}/deploys/1`)).body.id).toBe(
      deploys.body.items[0]?.id,
    );
    const scaled = await world.ask<WorkerView>(worker.path, {
      method: "PATCH",
      body: { instances: 3 },
    });
    expect(scaled.body.instances).toBe(3);
    const events = await world.ask<List<EventView>>(`${worker.path}/events`);
    expect(events.body.items.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["worker_created", "deploy_queued", "scaled"]),
    );
    for (const list of ["instances", "releases", "crashes"]) {
      const page = await world.ask<List<InstanceView | ReleaseView | CrashView>>(
        `${worker.path}/${list}`,
      );
      expect(page).toMatchObject({ status: 200, body: { next: null } });
    }
    expect((await world.ask(`${worker.path}/restart`, { method: "POST" })).status).toBe(409);
    expect((await world.ask(worker.path, { method: "DELETE" })).status).toBe(202);
  });

  it("pages of events follow one another through the object's cursors", async () => {
    const worker = await makeWorker(world, project);
    for (let i = 2; i < 7; i++)
      await world.ask(worker.path, { method: "PATCH", body: { instances: i } });
    const seen: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: { body: List<EventView> } = await world.ask(
        `${worker.path}/events?limit=2${next && `&cursor=${next}`}`,
      );
      seen.push(...page.body.items.map(({ id }) => id));
      next = page.body.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(7);
  });

  it("a deploy repeated with its key is one deploy, also after the object was evicted", async () => {
    const worker = await makeWorker(world, project, { deploy: false });
    const input = { body: { ref: "main" }, headers: { "idempotency-key": freshName("k") } };
    const first = await world.ask<DeployView>(`${worker.path}/deploys`, input);
    await evictAllDurableObjects();
    const second = await world.ask<DeployView>(`${worker.path}/deploys`, input);
    expect(second.text).toBe(first.text);
    const deploys = await world.ask<List<DeployView>>(`${worker.path}/deploys`);
    expect(deploys.body.items).toHaveLength(1);
  });

  it("variables stand in the timeline as a change, and nowhere in the clear", async () => {
    const worker = await makeWorker(world, project);
    await world.ask(`${worker.path}/env`, { method: "PUT", body: { set: { KEY: "planted" } } });
    const events = await world.ask<List<EventView>>(`${worker.path}/events`);
    expect(events.body.items[0]).toMatchObject({ kind: "env_changed", actor: "operator" });
    expect(events.text).not.toContain("planted");
  });

  it("the cron handler applies what a lost call left behind", async () => {
    const worker = await makeWorker(world, project);
    await world.env.DB.batch([
      world.env.DB.prepare(
        "INSERT INTO worker_specs SELECT worker_id, 2, json_set(spec, '$.instances', 9), actor, created_at FROM worker_specs WHERE worker_id = ?",
      ).bind(worker.id),
      world.env.DB.prepare("UPDATE workers SET spec_version = 2 WHERE id = ?").bind(worker.id),
    ]);
    const ctx = createExecutionContext();
    await entry.scheduled(createScheduledController(), world.env, ctx);
    await waitOnExecutionContext(ctx);
    const events = await world.ask<List<EventView>>(`${worker.path}/events`);
    expect(events.body.items.some(({ kind }) => kind === "scaled")).toBe(true);
  });
});

describe("hosts", () => {
  it("join, connect with their assertion, are seen online, and end when removed", async () => {
    const { hostId, assertion, hello } = await joinHost();
    const response = await world.send("/v1/agent/host", {
      token: await assertion(),
      headers: { upgrade: "websocket" },
    });
    expect(response.status).toBe(101);
    const socket = response.webSocket!;
    socket.accept();
    const welcomed = new Promise<string>((resolve) =>
      socket.addEventListener("message", ({ data }) => resolve(String(data)), { once: true }),
    );
    socket.send(JSON.stringify(hello));
    expect(JSON.parse(await welcomed)).toMatchObject({ type: "welcome", epoch: 1 });
    const shown = await world.ask<HostView>(`${project.path}/hosts/${hostId}`);
    expect(shown.body).toMatchObject({ status: "online", epoch: 1, capacity: { slots: 4 } });
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener("close", ({ code }) => resolve(code)),
    );
    expect((await world.ask(`${project.path}/hosts/${hostId}`, { method: "DELETE" })).status).toBe(
      204,
    );
    expect(await closed).toBe(4403);
  });

  it("a forged assertion is turned away by the object", async () => {
    const [mine, other] = [await joinHost(), await joinHost()];
    const [head, , signature] = (await mine.assertion()).split(".");
    const [, claims] = (await other.assertion()).split(".");
    const response = await world.send("/v1/agent/host", {
      token: `${head}.${claims}.${signature}`,
      headers: { upgrade: "websocket" },
    });
    const socket = response.webSocket;
    if (!socket) return expect(response.status).toBe(401);
    socket.accept();
    const code = await new Promise((resolve) =>
      socket.addEventListener("close", (event) => resolve(event.code)),
    );
    expect(code).toBe(4401);
  });
});

describe("logs", () => {
  it("a page and a stream come from the object; the stream outlives the object's reset", async () => {
    const worker = await makeWorker(world, project);
    expect((await world.ask(`${worker.path}/logs`)).status).toBe(200);
    const response = await world.send(`${worker.path}/logs?follow=1`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const lines = () =>
      [...text.matchAll(/^data: (.*)$/gm)].map(([, line]) => JSON.parse(line!) as LogLine);
    const until = async (count: number) => {
      while (lines().length < count) text += (await reader.read()).value ?? "";
    };
    text += (await reader.read()).value;
    for (let round = 1; round <= 3; round++) {
      const before = lines().length;
      await abortAllDurableObjects();
      await world.ask(`${worker.path}/deploys/${round}/cancel`, { method: "POST" });
      await world.ask(`${worker.path}/deploys`, { method: "POST" });
      await until(before + 1);
    }
    const seen = lines().map(({ cursor }) => cursor);
    expect(new Set(seen).size).toBe(seen.length);
    await reader.cancel();
    const page = await world.ask(`${worker.path}/logs?limit=5000`);
    const stored = page.text.split("\n").filter(Boolean);
    expect(stored.slice(0, seen.length)).toEqual(lines().map((line) => JSON.stringify(line)));
  }, 20_000);
});

describe("the entry", () => {
  it("answers and exports the objects", async () => {
    const ctx = createExecutionContext();
    const request = new Request("https://coppice.test/healthz") as Request<
      unknown,
      IncomingRequestCfProperties
    >;
    const response = await entry.fetch(request, world.env, ctx);
    expect(await response.json()).toMatchObject({ ok: true });
  });
});
