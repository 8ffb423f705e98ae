// Hosts: joining by a token that lets one in, being listed and removed, and the way to their objects.
import { beforeAll, describe, expect, it } from "vitest";
import type { ProjectId } from "../../protocol/ids.ts";
import type { HostView, InstanceView, JoinAnswer, JoinTokenView } from "../../protocol/rest.ts";
import { openDb } from "../../src/db/client.ts";
import { hostByRef } from "../../src/db/hosts.ts";
import {
  candidateHosts,
  markApplied,
  writeHostProjection,
  writeWorkerProjection,
} from "../../src/db/projections.ts";
import { makeCall } from "../../src/services/call.ts";
import { sweep } from "../../src/services/sweep.ts";
import { freshName, makeProject, makeWorker, makeWorld, type World } from "./support.ts";

let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

const key = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const host = (more = {}) => ({
  name: freshName("web"),
  publicKey: key(),
  capacity: { slots: 10, memoryBytes: 8e9, cpus: 4 },
  facts: { agentVersion: "1", os: "linux", arch: "x64", containment: "cgroup" },
  ...more,
});
const invite = async (path = project.path) =>
  (await world.ask<JoinTokenView>(`${path}/join-tokens`, { method: "POST" })).body;
const join = (token: string, more = {}) =>
  world.ask<JoinAnswer & { code: string }>("/v1/agent/join", {
    body: { token, ...host(more) },
    token: null,
  });
const runSweep = () =>
  sweep(makeCall(world.env, { requestId: "cron", now: Date.now(), waitUntil: () => {} }));

describe("joining", () => {
  it("keeps what the host says of its place", async () => {
    const { token } = await invite();
    const place = { labels: { disk: "ssd" }, region: "eu" };
    const joined = await join(token, place);
    expect(joined.status).toBe(201);
    const row = await hostByRef(openDb(world.env.DB), project.id as ProjectId, joined.body.hostId);
    expect(row?.row).toMatchObject(place);
    const wrong = await join((await invite()).token, { labels: { "no name": "x" } });
    expect(wrong).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it("makes the host and registers it with its object", async () => {
    const token = await invite();
    const left = Date.parse(token.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(14 * 60_000);
    expect(left).toBeLessThanOrEqual(15 * 60_000);
    expect(token.command).toMatch(
      new RegExp(`^curl -fsSL https?://[^ ]+/install\\.sh \\| sudo TOKEN=${token.token} sh$`),
    );
    expect(token.cloudInit).toMatch(/^#cloud-config\n/);
    expect(token.cloudInit).toContain(token.token);
    const joined = await join(token.token, { name: "web-1" });
    expect(joined).toMatchObject({
      status: 201,
      body: { projectId: project.id, project: project.name, name: "web-1" },
    });
    expect(world.host(joined.body.hostId).registered).toBe(1);
    const shown = await world.ask<HostView>(`${project.path}/hosts/web-1`);
    expect(shown.body).toMatchObject({ id: joined.body.hostId, status: "joining", used: 0 });
  });

  it("of twenty at once with one token, one gets in", async () => {
    const { token } = await invite();
    const answers = await Promise.all(Array.from({ length: 20 }, () => join(token)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 201);
    expect(
      others.every(({ status, body }) => status === 409 && body.code === "join_token_spent"),
    ).toBe(true);
  });

  it("the winner that lost its answer gets it again", async () => {
    const { token } = await invite();
    const me = host();
    const first = await join(token, me);
    const second = await join(token, me);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect((await join(token, { ...me, publicKey: key() })).status).toBe(409);
  });

  it("an expired, unknown or mistyped token lets nobody in, nor does an API token", async () => {
    const { id, token } = await invite();
    await world.env.DB.prepare("UPDATE join_tokens SET expires_at = ? WHERE id = ?")
      .bind(Date.now() - 1, id)
      .run();
    const api = project.admin;
    for (const bad of [token, `cop_join_${"0".repeat(56)}`, "x", api]) {
      expect(await join(bad)).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    }
    const used = await world.ask("/v1/whoami", { token });
    expect(used.status).toBe(401);
  });

  it("a name that is taken does not spend the token", async () => {
    const name = freshName("twin");
    expect((await join((await invite()).token, { name })).status).toBe(201);
    const { token } = await invite();
    expect(await join(token, { name })).toMatchObject({
      status: 409,
      body: { code: "name_taken" },
    });
    expect((await join(token)).status).toBe(201);
  });

  it("bad input is refused with its place", async () => {
    const { token } = await invite();
    for (const [more, path] of [
      [{ publicKey: "short" }, "publicKey"],
      [{ name: "Web" }, "name"],
      [{ capacity: { slots: -1, memoryBytes: 0, cpus: 0 } }, "capacity.slots"],
      [{ facts: {} }, "facts.agentVersion"],
      [{ role: "admin" }, "role"],
    ] as const) {
      const answer = await world.problem("/v1/agent/join", {
        body: { token, ...host(more) },
        token: null,
      });
      expect(answer.status).toBe(400);
      expect(answer.body.errors?.[0]?.path).toBe(path);
    }
    expect((await join(token)).status).toBe(201);
  });

  it("a host whose object did not hear of it is registered by the sweep", async () => {
    const { token } = await invite();
    const deaf = await makeWorld({
      HOST_OBJECT: {
        idFromName: () => "x",
        get: () => ({ register: () => Promise.reject(new Error("reset")) }),
      } as unknown as DurableObjectNamespace,
    });
    const joined = await deaf.ask<JoinAnswer>("/v1/agent/join", {
      body: { token, ...host() },
      token: null,
    });
    expect(joined.status).toBe(201);
    expect(await runSweep()).toMatchObject({ hosts: 1, failed: 0 });
    expect(world.host(joined.body.hostId).registered).toBe(1);
    expect(await runSweep()).toMatchObject({ hosts: 0 });
  });
});

const instance = {
  ...{ attempt: 1, state: "healthy", mode: "available", pid: 7, startedAt: null },
  ...{ lastHeartbeatAt: null, release: 1, restarts: 0, restartAt: null, detail: null },
};

describe("what runs on a host", () => {
  it("is asked of the workers that hold room there, and of nobody else", async () => {
    const { body } = await join((await invite()).token, { name: "web-there" });
    const { hostId } = body;
    const [here, elsewhere] = [await makeWorker(world, project), await makeWorker(world, project)];
    const foreign = await makeWorker(world, await makeProject(world));
    world.host(hostId).holders = [here.id, foreign.id];
    const one = (more: object) => ({ ...instance, hostId, hostName: "web-there", ...more });
    const old = one({ id: "ins_1", slot: 0, generation: 1 });
    const next = one({ id: "ins_2", slot: 0, generation: 2, hostId: null, hostName: null });
    const other = one({ id: "ins_3", slot: 1, generation: 3 });
    const before = one({ id: "ins_0", slot: 1, generation: 0, hostId: null, hostName: null });
    const gone = one({ id: "ins_4", slot: 2, generation: 4, state: "stopped" });
    world.worker(here.id).here = [old, next, before, other, gone] as InstanceView[];
    world.worker(foreign.id).here = [old] as InstanceView[];
    world.worker(elsewhere.id).failing = 9;
    const path = `${project.path}/hosts/web-there/instances`;
    const worker = { id: here.id, name: here.name };
    expect((await world.ask(path)).body).toEqual({
      items: [
        { worker, instance: old, successor: next },
        { worker, instance: other, successor: null },
      ],
      next: null,
    });
    expect((await world.ask(`${project.path}/hosts/nowhere/instances`)).status).toBe(404);
  });

  it("is not told by half: one that can't be reached makes it unavailable", async () => {
    const { hostId } = (await join((await invite()).token, { name: "web-half" })).body;
    const worker = await makeWorker(world, project);
    world.host(hostId).holders = [worker.id];
    world.worker(worker.id).failing = 9;
    const answer = await world.ask<{ code: string }>(`${project.path}/hosts/web-half/instances`);
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
  });
});

describe("removing", () => {
  it("tells the object, frees the name and leaves the lists", async () => {
    const name = freshName("gone");
    const { hostId } = (await join((await invite()).token, { name })).body;
    expect((await world.ask(`${project.path}/hosts/${name}`, { method: "DELETE" })).status).toBe(
      204,
    );
    expect(world.host(hostId).removed).toBe(1);
    expect((await world.ask(`${project.path}/hosts/${hostId}`)).status).toBe(404);
    expect((await world.ask(`${project.path}/hosts`)).text).not.toContain(hostId);
    expect((await join((await invite()).token, { name })).status).toBe(201);
  });
});

describe("channels", () => {
  const jwt = (claims: unknown) =>
    `${btoa("{}")}.${btoa(JSON.stringify(claims))}.c2ln`.replaceAll("=", "");
  const upgrade = { upgrade: "websocket" };
  const hostId = `hst_${"0".repeat(32)}`;

  it("go to the object that the assertion names, with the assertion", async () => {
    const token = jwt({ iss: hostId });
    const answer = await world.send("/v1/agent/host", { token, headers: upgrade });
    expect(await answer.text()).toBe(`/channel Bearer ${token}`);
  });

  it("are refused without a readable assertion", async () => {
    const bad = [
      null,
      "x",
      "a.b.c",
      jwt({}),
      jwt({ iss: "hst_1" }),
      jwt({ iss: `wrk_${"0".repeat(32)}` }),
      jwt(null),
    ];
    const worker = await makeWorker(world, project);
    for (const path of ["/v1/agent/host", `/v1/agent/workers/${worker.id}`]) {
      for (const token of bad) {
        expect((await world.problem(path, { token, headers: upgrade })).body.code).toBe(
          "unauthenticated",
        );
      }
      expect((await world.problem(path, { token: jwt({ iss: hostId }) })).status).toBe(426);
    }
    const nowhere = await world.problem("/v1/agent/workers/x", {
      token: jwt({ iss: hostId }),
      headers: upgrade,
    });
    expect(nowhere.status).toBe(404);
  });
});

describe("projections", () => {
  const at = 1_700_000_000_000;
  const projected = {
    status: "running",
    statusReason: null,
    running: 1,
    release: 1,
    lastDeployAt: null,
    lastCrashAt: null,
    liveEnv: null,
    at,
  } as const;

  it("an older one never overwrites a newer one", async () => {
    const db = openDb(world.env.DB);
    const workerId = `wrk_${"1".repeat(32)}` as never;
    const of = (version: number, running: number) =>
      writeWorkerProjection(db, { ...projected, workerId, version, running });
    for (const [version, running] of [
      [2, 2],
      [1, 1],
      [2, 9],
      [3, 3],
    ] as const)
      await of(version, running);
    const row = await world.env.DB.prepare(
      "SELECT version, running FROM worker_projections WHERE worker_id = ?",
    )
      .bind(workerId)
      .first();
    expect(row).toEqual({ version: 3, running: 3 });
  });

  it("candidates are the project's hosts that may have room, online ones first", async () => {
    const own = await makeProject(world);
    const db = openDb(world.env.DB);
    const names = ["joining", "online", "online", "lost", "cloned", "suspect"] as const;
    const ids: string[] = [];
    for (const [i, status] of names.entries()) {
      const { hostId } = (await join((await invite(own.path)).token, { name: `h${i}` })).body;
      ids.push(hostId);
      if (status === "joining") continue;
      const capacity = { slots: 5, memoryBytes: 1, cpus: 1 };
      await writeHostProjection(db, {
        hostId: hostId as never,
        version: 1,
        status,
        capacity,
        facts: null,
        used: 5 - i,
        ...{ heldMemoryBytes: 0, heldCpus: 0, lostAt: null, frozen: null },
        epoch: 1,
        lastHeardAt: at,
        at,
      });
    }
    const found = await candidateHosts(db, own.id);
    expect(found.map(({ name }) => name)).toEqual(["h2", "h1", "h0", "h5"]);
    expect(found[0]).toEqual({
      ...{ hostId: ids[2], name: "h2", used: 3, slots: 5, region: null, labels: {} },
      ...{ cordoned: false, freeMemoryBytes: 1, freeCpus: 1 },
    });
    expect(found[2]?.slots).toBe(10);
    await world.ask(`${own.path}/hosts/h2`, { method: "DELETE" });
    expect((await candidateHosts(db, own.id)).map(({ name }) => name)).toEqual(["h1", "h0", "h5"]);
  });

  it("the applied version never goes down", async () => {
    const db = openDb(world.env.DB);
    const worker = await makeWorker(world, project);
    await markApplied(db, worker.id, 5);
    await markApplied(db, worker.id, 3);
    const row = await world.env.DB.prepare("SELECT applied_version AS v FROM workers WHERE id = ?")
      .bind(worker.id)
      .first();
    expect(row).toEqual({ v: 5 });
  });
});
