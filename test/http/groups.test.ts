// Groups of variables: precedence, references, who is told, and what a deploy would hold.
import { beforeAll, describe, expect, it } from "vitest";
import type { EnvView, GroupChangeView, GroupView, WorkerView } from "../../protocol/rest.ts";
import { openDb } from "../../src/db/client.ts";
import { decryptSnapshot } from "../../src/db/envelope.ts";
import { writeWorkerProjection } from "../../src/db/projections.ts";
import type { EnvSnapshot } from "../../src/rpc.ts";
import { dumpD1, freshName, makeProject, makeWorker, makeWorld, type World } from "./support.ts";

const SECRET = "planted-s3cret-value-91c4";
let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

async function makeGroup(env: Record<string, string>, name = freshName("shared")) {
  const made = await world.ask<GroupView>(`${project.path}/groups`, { body: { name, env } });
  expect(made.status).toBe(201);
  return { ...made.body, path: `${project.path}/groups/${name}` };
}
const put = (path: string, body: unknown, query = "", headers = {}) =>
  world.ask<GroupChangeView>(`${path}/env${query}`, { method: "PUT", body, headers });

async function deployed(worker: { path: string; id: string }) {
  const answer = await world.problem(`${worker.path}/deploys`, { method: "POST" });
  if (answer.status !== 201) return { problem: answer.body, vars: {}, snapshot: null };
  const snapshot = world.worker(worker.id).inputs.at(-1)?.env as EnvSnapshot;
  const masterKey = world.env.COPPICE_MASTER_KEY;
  const place = { masterKey, projectId: project.id, workerId: worker.id };
  return { problem: null, snapshot, vars: await decryptSnapshot(snapshot, place) };
}

describe("precedence", () => {
  it("a later group beats an earlier one, and the worker's own beat them all", async () => {
    const weak = await makeGroup({ A: "weak", B: "weak", C: "weak" });
    const strong = await makeGroup({ B: "strong", C: "strong" });
    const worker = await makeWorker(world, project, {
      groups: [weak.name, strong.name],
      env: { C: "own" },
    });
    const { snapshot, vars } = await deployed(worker);
    expect(vars).toEqual({ A: "weak", B: "strong", C: "own" });
    expect(snapshot?.groups).toEqual([
      { id: weak.id, version: 1 },
      { id: strong.id, version: 1 },
    ]);
    const patch = { groups: [strong.name, weak.name] };
    await world.ask(worker.path, { method: "PATCH", body: patch });
    expect((await deployed(worker)).vars).toEqual({ A: "weak", B: "weak", C: "own" });
  });

  it("a group that is not there is refused when it is named", async () => {
    const worker = await makeWorker(world, project);
    const patched = await world.problem(worker.path, {
      method: "PATCH",
      body: { groups: ["not-there"] },
    });
    expect(patched).toMatchObject({ status: 422, body: { code: "env_unresolved" } });
    expect(patched.body.errors).toEqual([
      { path: "groups.0", message: "there is no group not-there" },
    ]);
    const body = { name: freshName("x"), repo: "https://github.com/a/b", startCommand: "x" };
    const made = await world.problem(`${project.path}/workers`, {
      body: { ...body, groups: ["not-there"] },
    });
    expect(made.status).toBe(422);
    const twice = await world.problem(worker.path, {
      method: "PATCH",
      body: { groups: ["a", "a"] },
    });
    expect(twice.body.errors).toEqual([{ path: "groups", message: "must name each group once" }]);
  });
});

describe("references", () => {
  it("are resolved when the snapshot is taken, across groups and worker, and sealed again", async () => {
    const db = await makeGroup({ HOST: "db-1", URL: "pg://${{USER}}:${{ PASS }}@${{HOST}}/x" });
    const worker = await makeWorker(world, project, {
      groups: [db.name],
      env: {
        USER: "shop",
        PASS: SECRET,
        OTHER: `\${{${db.name}.HOST}}!`,
        RAW: "$${{HOST}} ${HOST}",
      },
    });
    expect((await deployed(worker)).vars).toEqual({
      HOST: "db-1",
      URL: `pg://shop:${SECRET}@db-1/x`,
      USER: "shop",
      PASS: SECRET,
      OTHER: "db-1!",
      RAW: "${{HOST}} ${HOST}",
    });
    // The worker's own HOST is what HOST means then, but not what the group's is.
    await put(worker.path, { set: { HOST: "mine" } });
    const { vars } = await deployed(worker);
    expect(vars).toMatchObject({ URL: `pg://shop:${SECRET}@mine/x`, OTHER: "db-1!" });
    expect(await dumpD1(world.env.DB)).not.toContain(SECRET);
  });

  it("to what is not set, or in a circle, are one clear error each, and nothing is deployed", async () => {
    const group = await makeGroup({ A: "${{B}}" });
    const worker = await makeWorker(world, project, { groups: [group.name], env: { B: "1" } });
    const before = world.worker(worker.id).started.length;
    await put(worker.path, {
      set: { B: "${{A}}", X: "${{NOPE}}", Y: "x${{X}}", Z: "${{gone.V}}" },
    });
    const { problem } = await deployed(worker);
    expect(problem).toMatchObject({ status: 422, code: "env_unresolved" });
    expect(problem?.errors).toEqual([
      { path: "env.B", message: `refers to itself: B → ${group.name}.A → B` },
      { path: "env.X", message: "refers to NOPE, which is not set" },
      { path: "env.Z", message: "refers to gone.V, but the worker has no group gone" },
    ]);
    expect(world.worker(worker.id).started.length).toBe(before);
  });

  it("that are none are refused when they are set", async () => {
    const worker = await makeWorker(world, project);
    for (const value of ["${{", "${{ }}", "${{a b}}", "${{A.B.C}}", "${{COPPICE_SLOT}}"]) {
      const answer = await world.problem(`${worker.path}/env`, {
        method: "PUT",
        body: { set: { A: value } },
      });
      expect(answer.status, value).toBe(400);
      expect(answer.body.errors?.[0]?.path).toBe("set.A");
    }
  });

  it("values that refer to nothing are never opened: the stored ciphertext is what the release holds", async () => {
    const group = await makeGroup({ SHARED: SECRET });
    const worker = await makeWorker(world, project, { groups: [group.name], env: { OWN: "1" } });
    const first = (await deployed(worker)).snapshot;
    expect((await deployed(worker)).snapshot?.entries).toEqual(first?.entries);
    expect(first?.entries.find(({ name }) => name === "SHARED")?.owner).toBe(group.id);
  });
});

describe("a changed group", () => {
  it("tells its workers' timelines, and lists show that a deploy is due until it is live", async () => {
    const group = await makeGroup({ A: "1" });
    const worker = await makeWorker(world, project, { groups: [group.name] });
    const db = openDb(world.env.DB);
    const live = async (version: number, liveEnv: WorkerView extends never ? never : object) => {
      world.worker(worker.id).liveEnv = liveEnv as never;
      await writeWorkerProjection(db, {
        ...{ workerId: worker.id as never, version, status: "running", statusReason: null },
        ...{ running: 1, release: 1, lastDeployAt: null, lastCrashAt: null, at: 1 },
        liveEnv: liveEnv as never,
      });
    };
    const changed = async () => ({
      one: (await world.ask<WorkerView>(worker.path)).body.envChanged,
      listed: (
        await world.ask<{ items: WorkerView[] }>(`${project.path}/workers?limit=200`)
      ).body.items.find(({ id }) => id === worker.id)?.envChanged,
      group: (await world.ask<GroupView>(group.path)).body.workers,
    });
    expect((await changed()).one).toBe(false);
    await live(1, { version: 0, groups: [{ id: group.id, version: 1 }] });
    expect(await changed()).toMatchObject({ one: false, listed: false });
    const answer = await put(group.path, { set: { A: "2", B: SECRET } });
    expect(answer.body).toMatchObject({ version: 2, changed: ["A", "B"], deploys: [] });
    expect(answer.body.workers).toEqual([{ id: worker.id, name: worker.name, envChanged: true }]);
    expect(await changed()).toMatchObject({ one: true, listed: true });
    expect(world.worker(worker.id).notes.map(({ message }) => message)).toEqual([
      `Group ${group.name} changed: 2 set. In force with the next deploy.`,
    ]);
    const env = (await world.ask<EnvView>(`${worker.path}/env`)).body;
    expect(env.groups).toEqual([
      { name: group.name, version: 2, liveVersion: 1, names: ["A", "B"] },
    ]);
    await live(2, { version: 0, groups: [{ id: group.id, version: 2 }] });
    expect(await changed()).toMatchObject({ one: false, listed: false });
    expect((await put(group.path, { set: { A: "2" } })).body).toMatchObject({
      version: 2,
      changed: [],
    });
    expect(answer.text).not.toContain(SECRET);
  });

  it("with deploy=1 deploys those that run; one that can't be leaves the others alone", async () => {
    const group = await makeGroup({ A: "1" });
    const workers = await Promise.all(
      [0, 1, 2].map(() => makeWorker(world, project, { groups: [group.name] })),
    );
    const [good, bad, stopped] = workers as [
      (typeof workers)[0],
      (typeof workers)[0],
      (typeof workers)[0],
    ];
    await world.ask(`${stopped.path}/stop`, { method: "POST" });
    await put(bad.path, { set: { X: "${{NOPE}}" } });
    const { body } = await put(group.path, { set: { A: "2" } }, "?deploy=1");
    const by = new Map(body.deploys.map((one) => [one.worker, one]));
    expect(by.get(good.name)).toEqual({ worker: good.name, number: 2, problem: null });
    expect(by.get(bad.name)?.problem).toMatch(/X refers to NOPE, which is not set/);
    expect(by.has(stopped.name)).toBe(false);
  });

  it("with the same Idempotency-Key deploys once, also where the first answer was never made", async () => {
    const group = await makeGroup({ A: "1" });
    const [one, two] = await Promise.all(
      [0, 1].map(() => makeWorker(world, project, { groups: [group.name] })),
    );
    const key = { "idempotency-key": freshName("key") };
    const change = () => put(group.path, { set: { A: "2" } }, "?deploy=1", key);
    const first = await change();
    expect(first.body.deploys.map(({ number }) => number)).toEqual([2, 2]);
    expect((await change()).body).toEqual(first.body);
    await world.env.DB.prepare("UPDATE idempotency SET answer = NULL").run();
    expect((await change()).body).toMatchObject({ deploys: first.body.deploys });
    for (const { id } of [one!, two!]) expect(world.worker(id).started).toHaveLength(2);
    // Without the deploy it is another request.
    const other = await put(group.path, { set: { A: "2" } }, "", key);
    expect(other).toMatchObject({ status: 409, body: { code: "idempotency_mismatch" } });
  });

  it("of many changes at once none is lost", async () => {
    const group = await makeGroup({});
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, i) => put(group.path, { set: { [`V${i}`]: String(i) } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { body } = await world.ask<GroupView>(group.path);
    expect(body.items.map(({ name }) => name)).toEqual(["V0", "V1", "V2", "V3"]);
    expect(body.version).toBe(4);
  });
});

describe("a group", () => {
  it("goes only while no living worker names it, and its values go with it", async () => {
    const group = await makeGroup({ A: SECRET });
    const worker = await makeWorker(world, project, { groups: [group.name] });
    const refused = await world.problem(group.path, { method: "DELETE" });
    expect(refused).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(refused.body.detail).toContain(worker.name);
    await world.ask(worker.path, { method: "DELETE" });
    expect((await world.ask(group.path, { method: "DELETE" })).status).toBe(204);
    expect((await world.problem(group.path, { method: "DELETE" })).status).toBe(404);
    const rows = await world.env.DB.prepare("SELECT * FROM group_vars WHERE group_id = ?")
      .bind(group.id)
      .all();
    expect(rows.results).toEqual([]);
  });

  it("has a name of its own, is made once per key, and is nobody's but its project's", async () => {
    const group = await makeGroup({});
    const again = await world.problem(`${project.path}/groups`, { body: { name: group.name } });
    expect(again).toMatchObject({ status: 409, body: { code: "name_taken" } });
    const ask = {
      body: { name: freshName("once"), env: { A: "1" } },
      headers: { "idempotency-key": freshName("key") },
    };
    const [one, two] = [
      await world.ask<GroupView>(`${project.path}/groups`, ask),
      await world.ask<GroupView>(`${project.path}/groups`, ask),
    ];
    expect(two.body).toEqual(one.body);
    const other = await makeProject(world);
    const foreign = await world.problem(`${other.path}/groups/${group.id}`);
    expect(foreign.status).toBe(404);
  });
});
