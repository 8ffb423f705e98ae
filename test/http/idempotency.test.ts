// Idempotency-Key: the same request twice is done once and answered the same; another one is refused.
import { beforeAll, describe, expect, it } from "vitest";
import {
  dumpD1,
  freshName,
  GOOD_WORKER,
  makeProject,
  makeWorker,
  makeWorld,
  type World,
} from "./support.ts";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;
let worker: Awaited<ReturnType<typeof makeWorker>>;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
  worker = await makeWorker(world, project);
});

const creates = [
  { what: "projects", path: () => "/v1/projects", body: () => ({ name: freshName("p") }) },
  {
    what: "workers",
    path: () => `${project.path}/workers`,
    body: () => ({ ...GOOD_WORKER, name: freshName("w") }),
  },
  { what: "deploys", path: () => `${worker.path}/deploys`, body: () => ({ ref: "main" }) },
  { what: "restarts", path: () => `${worker.path}/restart`, body: () => undefined },
  {
    what: "tokens",
    path: () => `${project.path}/tokens`,
    body: () => ({ name: "robot", role: "viewer" }),
  },
  { what: "join tokens", path: () => `${project.path}/join-tokens`, body: () => undefined },
];
const send = (path: string, body: unknown, key: string) =>
  world.ask<{ token: string }>(path, {
    method: "POST",
    ...(body ? { body } : {}),
    headers: { "idempotency-key": key },
  });

describe.each(creates)("$what", ({ path, body }) => {
  it("a repeat is answered the same and makes nothing", async () => {
    const input = body();
    const key = freshName("key");
    const first = await send(path(), input, key);
    expect([201, 202]).toContain(first.status);
    const before = await dumpD1(world.env.DB);
    const second = await send(path(), input, key);
    expect(second.status).toBe(first.status);
    expect(second.text).toBe(first.text);
    expect(second.headers.get("location")).toBe(first.headers.get("location"));
    expect(await dumpD1(world.env.DB)).toBe(before);
  });

  it("the same key at once, ten times over, makes one", async () => {
    const input = body();
    const key = freshName("key");
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(path(), input, key)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect([201, 202]).toContain(answers[0]?.status);
  });

  it("another body or address under the same key is refused", async () => {
    const key = freshName("key");
    await send(path(), body(), key);
    const other = await world.problem("/v1/projects", {
      body: { name: freshName("other") },
      headers: { "idempotency-key": key },
    });
    expect(other).toMatchObject({ status: 409, body: { code: "idempotency_mismatch" } });
  });
});

describe("keys", () => {
  it("belong to the token that sent them", async () => {
    const key = freshName("key");
    const ask = (token: string) =>
      world.ask<{ id: string }>(`${project.path}/workers`, {
        body: { ...GOOD_WORKER, name: freshName("own") },
        headers: { "idempotency-key": key },
        token,
      });
    const [one, two] = [await ask(project.developer), await ask(project.admin)];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.id).not.toBe(two.body.id);
  });

  it("a refused create may be tried again with the same key once its cause is gone", async () => {
    const name = freshName("retry");
    const key = freshName("key");
    const body = { ...GOOD_WORKER, name };
    const blocker = await makeWorker(world, project, { name });
    expect((await send(`${project.path}/workers`, body, key)).status).toBe(409);
    await world.ask(blocker.path, { method: "DELETE" });
    expect((await send(`${project.path}/workers`, body, key)).status).toBe(201);
  });

  it("no secret is kept for the replay, neither the key nor the token", async () => {
    const key = freshName("very-secret-key");
    const made = await send(`${project.path}/tokens`, { name: "robot", role: "viewer" }, key);
    const dump = await dumpD1(world.env.DB);
    expect(dump).not.toContain(key);
    expect(dump).not.toContain(made.body.token.slice(4, 40));
    expect((await world.ask("/v1/whoami", { token: made.body.token })).status).toBe(200);
  });
});
