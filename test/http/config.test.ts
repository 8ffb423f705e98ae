// Config as code: one call, all of it or nothing, the same again without effect.
import { beforeAll, describe, expect, it } from "vitest";
import type { WorkerId } from "../../protocol/ids.ts";
import type { ConfigView, EnvView, WorkerView } from "../../protocol/rest.ts";
import { openDb } from "../../src/db/client.ts";
import { writeWorkerProjection } from "../../src/db/projections.ts";
import { dumpD1, freshName, makeProject, makeWorld, type World } from "./support.ts";

const repo = "https://github.com/acme/shop";
let world: World;
let project: Awaited<ReturnType<typeof makeProject>>;
beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

const put = (body: unknown, query = "", headers = {}) =>
  world.ask<ConfigView>(`${project.path}/config${query}`, { method: "PUT", body, headers });
const refuse = (body: unknown, query = "", headers = {}) =>
  world.problem(`${project.path}/config${query}`, { method: "PUT", body, headers });
const get = (name: string) => world.ask<WorkerView>(`${project.path}/workers/${name}`);
const types = ({ body }: { body: ConfigView }) =>
  body.operations.map(({ type, name }: { type: string; name: string }) => `${type} ${name}`);
const groupNames = (prefix: string) => Array.from({ length: 16 }, (_, at) => `${prefix}${at}`);
const count = async (table: string) =>
  (await world.env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n;

describe("PUT config", () => {
  it("makes, changes and deploys what the file says, and leaves the rest alone", async () => {
    const [a, b] = [freshName("a"), freshName("b")];
    const config = (start: string) => ({
      ...{ repo, env: { LOG_LEVEL: "info" } },
      workers: { [a]: { start, memory: "512M", stop: { grace: "45s" } }, [b]: { start: "b" } },
    });
    const dry = await put(config("a"), "?dry_run=1");
    expect(dry.body).toMatchObject({ applied: false, deploys: [] });
    expect((await get(a)).status).toBe(404);
    const made = await put(config("a"));
    expect(made.body.operations).toEqual(dry.body.operations);
    expect(made.body.deploys).toEqual([
      { worker: a, number: 1, problem: null },
      { worker: b, number: 1, problem: null },
    ]);
    const worker = (await get(a)).body;
    expect(worker).toMatchObject({ memoryBytes: 536_870_912, stopGraceMs: 45_000, instances: 1 });
    const env = (await world.ask<EnvView>(`${project.path}/workers/${a}/env`)).body;
    // What stands in the repository is no secret.
    expect(env.items).toMatchObject([{ name: "LOG_LEVEL", plain: true }]);
    expect(world.worker(worker.id).applied.at(-1)?.initialDeploy?.env.entries).toHaveLength(1);
    const changed = await put({ ...config("a2"), env: { LOG_LEVEL: "debug" } });
    expect(types(changed)).toEqual([
      ...[`change ${a}`, `env ${a}`, `deploy ${a}`, `env ${b}`, `deploy ${b}`],
    ]);
    expect(changed.body.deploys.map(({ number }) => number)).toEqual([2, 2]);
    expect((await get(a)).body).toMatchObject({ startCommand: "a2", specVersion: 2 });
    expect(world.worker(worker.id).applied.at(-1)?.spec.startCommand).toBe("a2");
  });

  it("the same again changes nothing and deploys nothing; deploy=always deploys", async () => {
    const name = freshName("same");
    const config = { repo, env: { A: "1" }, workers: { [name]: { start: "x" } } };
    await put(config);
    const [specs, vars, audits] = [
      await count("worker_specs"),
      await count("env_vars"),
      await count("audit"),
    ];
    const again = await put(config);
    expect(again.body.deploys).toEqual([]);
    expect([await count("worker_specs"), await count("env_vars"), await count("audit")]).toEqual([
      ...[specs, vars, audits],
    ]);
    expect((await put(config, "?deploy=always")).body.deploys).toMatchObject([{ number: 2 }]);
    expect((await put({ ...config, env: { A: "2" } }, "?deploy=never")).body.deploys).toEqual([]);
    expect(world.worker((await get(name)).body.id).notes).toHaveLength(1);
  });

  it("the same again while its deploy is still on its way begins no second one", async () => {
    const name = freshName("twice");
    const config = (start: string, a: string) => ({
      ...{ repo, env: { A: a } },
      workers: { [name]: { start } },
    });
    await put(config("x", "1"));
    // What the object projects is from before: the first deploy is live, nothing later is known.
    const { id } = (await get(name)).body;
    const liveEnv = { version: 1, groups: [] };
    await writeWorkerProjection(openDb(world.env.DB), {
      ...{
        workerId: id as WorkerId,
        version: 1,
        status: "running",
        statusReason: null,
        running: 1,
      },
      ...{ release: 1, lastDeployAt: 1, lastCrashAt: null, liveEnv, at: 1 },
    });
    expect((await put(config("y", "2"))).body.deploys).toMatchObject([{ number: 2 }]);
    const again = await put(config("y", "2"));
    expect(again.body.deploys).toEqual([]);
    expect(world.worker(id).started).toHaveLength(2);
  });

  it("a deploy that could not be begun is begun by the same again", async () => {
    const name = freshName("lost");
    const config = (start: string) => ({ repo, workers: { [name]: { start } } });
    await put(config("x"));
    const worker = world.worker((await get(name)).body.id);
    worker.refusing = true;
    const refused = await put(config("y"));
    expect(refused.body.deploys).toEqual([{ worker: name, number: null, problem: "Not now." }]);
    worker.refusing = false;
    expect((await put(config("y"), "?dry_run=1")).body.operations).toContainEqual({
      ...{ type: "deploy", name, branch: "main", when: "now" },
    });
    expect((await put(config("y"))).body.deploys).toMatchObject([{ number: 2 }]);
    expect((await put(config("y"))).body.deploys).toEqual([]);
  });

  it("with the same Idempotency-Key it is the same deploy", async () => {
    const name = freshName("key");
    const config = { repo, workers: { [name]: { start: "x" } } };
    await put(config);
    const key = { "idempotency-key": freshName("k") };
    const one = await put(config, "?deploy=always", key);
    expect((await put(config, "?deploy=always", key)).body).toEqual(one.body);
    const { id } = (await get(name)).body;
    expect(world.worker(id).started).toHaveLength(2);
  });

  it("is all or nothing: what is wrong with one worker leaves every other as it was", async () => {
    const [good, bad] = [freshName("good"), freshName("bad")];
    const config = (x: string) => ({
      repo,
      workers: { [good]: { start: "x" }, [bad]: { start: "y", env: { X: x } } },
    });
    const refused = await refuse(config("${{NOPE}}"));
    expect(refused).toMatchObject({ status: 422, body: { code: "env_unresolved" } });
    expect((await get(good)).status).toBe(404);
    expect((await put(config("fine"))).status).toBe(200);
  });

  it.each<[string, object, string, number]>([
    ["NUL in a command", { start: "node a.js\0" }, "start", 400],
    ["NUL in a build", { start: "x", build: "make\0" }, "build", 400],
    ["more groups than a worker has", { start: "x", groups: groupNames("b") }, "groups", 400],
  ])("takes no worker that could not be made by itself: %s", async (_, worker, field, status) => {
    const name = freshName("odd");
    const refused = await refuse({
      ...{ repo, groups: groupNames("a") },
      workers: { [name]: worker },
    });
    expect(refused).toMatchObject({ status, body: { code: "invalid_request" } });
    expect(refused.body.errors?.map(({ path }) => path)).toContain(`workers.${name}.${field}`);
    expect((await get(name)).status).toBe(404);
  });

  it("where somebody is faster, the plan is made anew; with If-Match it is refused, and nothing is stored", async () => {
    const name = freshName("race");
    const config = (start: string) => ({ repo, workers: { [name]: { start } } });
    await put(config("one"));
    const { body: seen } = await put(config("two"), "?dry_run=1");
    await world.ask(`${project.path}/workers/${name}`, { method: "PATCH", body: { instances: 7 } });
    const tag = { "if-match": `"${seen.version}"` };
    const refused = await refuse(config("two"), "", tag);
    expect(refused).toMatchObject({ status: 412, body: { code: "precondition_failed" } });
    expect((await get(name)).body.startCommand).toBe("one");
    // D1's own check, with the change made between reading and storing.
    const batch = world.env.DB.batch.bind(world.env.DB);
    let raced = false;
    const DB = new Proxy(world.env.DB, {
      get(target, key) {
        if (key !== "batch") {
          const value = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        }
        return async (statements: D1PreparedStatement[]) => {
          if (!raced && statements.length > 3) {
            raced = true;
            await world.env.DB.prepare(
              "UPDATE workers SET env_version = env_version + 1 WHERE name = ?",
            )
              .bind(name)
              .run();
          }
          return batch(statements);
        };
      },
    });
    const racing = await makeWorld({ ...world.env, DB });
    const done = await racing.ask<ConfigView>(`${project.path}/config`, {
      method: "PUT",
      body: config("three"),
    });
    expect(raced).toBe(true);
    expect(done.body.applied).toBe(true);
    expect((await get(name)).body).toMatchObject({ startCommand: "three", instances: 7 });
    const versions = await world.env.DB.prepare(
      "SELECT count(*) AS n FROM worker_specs s JOIN workers w ON w.id = s.worker_id WHERE w.name = ?",
    )
      .bind(name)
      .first<{ n: number }>();
    expect(versions?.n).toBe(3);
  });

  it("a secret without a value stands in the way, and is named in the plan", async () => {
    const name = freshName("secret");
    const config = { repo, secrets: ["KEY"], workers: { [name]: { start: "x" } } };
    const dry = await put(config, "?dry_run=1");
    expect(dry.body.missing).toEqual([{ worker: name, name: "KEY" }]);
    const refused = await refuse(config);
    expect(refused.status).toBe(409);
    expect(refused.body.errors).toEqual([
      { path: `workers.${name}.secrets.KEY`, message: "has no value yet" },
    ]);
    expect((await get(name)).status).toBe(404);
    const group = freshName("g");
    await world.ask(`${project.path}/groups`, {
      body: { name: group, env: { KEY: "s3cret-value" } },
    });
    expect((await put({ ...config, groups: [group] })).status).toBe(200);
    expect(await dumpD1(world.env.DB)).not.toContain("s3cret-value");
  });

  it.each<[string, object, string, RegExp]>([
    [
      "an unknown key",
      { workers: { a: { start: "x", instanses: 2 } } },
      "workers.a.instanses",
      /not a known field/,
    ],
    [
      "an unknown key at the top",
      { repoo: "x", workers: { a: { start: "x" } } },
      "repoo",
      /not a known field/,
    ],
    ["no start", { repo, workers: { a: {} } }, "workers.a.start", /./],
    ["no repo", { workers: { a: { start: "x" } } }, "workers.a.repo", /is missing/],
    [
      "a bad size",
      { repo, workers: { a: { start: "x", memory: "lots" } } },
      "workers.a.memory",
      /such as 512M/,
    ],
    [
      "a bad grace",
      { repo, workers: { a: { start: "x", stop: { grace: "2h" } } } },
      "workers.a.stop.grace",
      /from 1s to 1h/,
    ],
    ["a bad name", { repo, workers: { "A b": { start: "x" } } }, "workers.A b", /./],
    ["no worker", { repo, workers: {} }, "workers", /at least one worker/],
    [
      "another project",
      { repo, project: "not-this", workers: { a: { start: "x" } } },
      "project",
      /not-this/,
    ],
    [
      "a reference that is none",
      { repo, workers: { a: { start: "x", env: { V: "${{" } } } },
      "workers.a.env.V",
      /no reference/,
    ],
  ])("%s is one clear error with its path", async (_, config, path, message) => {
    const refused = await refuse(config, "?dry_run=1");
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toHaveLength(1);
    expect(refused.body.errors?.[0]).toEqual({ path, message: expect.stringMatching(message) });
  });

  it("needs a developer", async () => {
    const ask = {
      method: "PUT",
      token: project.viewer,
      body: { repo, workers: { a: { start: "x" } } },
    };
    expect((await world.problem(`${project.path}/config`, ask)).status).toBe(403);
  });
});

it("the schema is published for editors everywhere", async () => {
  const answer = await world.send("/schema/coppice.json", { token: null });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("content-type")).toMatch(/^application\/schema\+json/);
  const schema = (await answer.json()) as { properties: { workers: object } };
  expect(schema.properties.workers).toBeDefined();
});
