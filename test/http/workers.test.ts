// Workers through the API: versions, conditions, pages, and what happens while their object is out of reach.
import { beforeAll, describe, expect, it } from "vitest";
import type { DeployView, WorkerView } from "../../protocol/rest.ts";
import { makeCall } from "../../src/services/call.ts";
import { sweep } from "../../src/services/sweep.ts";
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

beforeAll(async () => {
  world = await makeWorld();
  project = await makeProject(world);
});

/** Runs the cron's work, and waits for what it leaves for later. */
async function runSweep() {
  const work: Promise<unknown>[] = [];
  const waitUntil = (one: Promise<unknown>) => void work.push(one);
  const swept = await sweep(makeCall(world.env, { requestId: "cron", now: Date.now(), waitUntil }));
  await Promise.all(work);
  return swept;
}

const rowOf = (id: string) =>
  world.env.DB.prepare("SELECT * FROM workers WHERE id = ?").bind(id).first<{
    spec_version: number;
    applied_version: number;
    deleted_at: number | null;
  }>();
const patch = (path: string, body: unknown, etag?: string) =>
  world.ask<WorkerView>(path, {
    method: "PATCH",
    body,
    ...(etag ? { headers: { "if-match": etag } } : {}),
  });

describe("create", () => {
  it("stores the spec, tells the object and answers with address and ETag", async () => {
    const body = { ...GOOD_WORKER, name: "first", rootDir: "./apps//mailer/", instances: 3 };
    const made = await world.ask<WorkerView>(`${project.path}/workers`, { body });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      rootDir: "apps/mailer",
      branch: "main",
      instances: 3,
      specVersion: 1,
    });
    expect(made.headers.get("etag")).toBe('"1"');
    const byAddress = await world.ask<WorkerView>(made.headers.get("location")!);
    expect(byAddress.body.id).toBe(made.body.id);
    const [told] = world.worker(made.body.id).applied;
    expect(told).toMatchObject({ specVersion: 1, actor: "operator", project: project.name });
    expect(told?.initialDeploy?.deployId).toMatch(/^dep_/);
    expect(await rowOf(made.body.id)).toMatchObject({ spec_version: 1, applied_version: 1 });
  });

  it("deploys nothing where that was not wished", async () => {
    const worker = await makeWorker(world, project, { deploy: false });
    expect(world.worker(worker.id).applied[0]?.initialDeploy).toBeNull();
  });

  it("of many that want one name, one gets it", async () => {
    const body = { ...GOOD_WORKER, name: freshName("race") };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.ask(`${project.path}/workers`, { body })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    const specs = await world.env.DB.prepare(
      "SELECT worker_id FROM worker_specs WHERE worker_id NOT IN (SELECT id FROM workers)",
    ).all();
    expect(specs.results).toEqual([]);
  });

  it("a local repository passes where the operator allows it", async () => {
    await expect(makeWorker(world, project, { repo: "file:///srv/repo" })).resolves.toBeDefined();
  });
});

describe("change", () => {
  it("is refused by a condition that no longer holds, and passes with one that does", async () => {
    const worker = await makeWorker(world, project);
    const scaled = await patch(worker.path, { instances: 2 }, '"1"');
    expect(scaled).toMatchObject({ status: 200, body: { instances: 2, specVersion: 2 } });
    expect(scaled.headers.get("etag")).toBe('"2"');
    expect((await patch(worker.path, { instances: 5 }, '"1"')).status).toBe(412);
    expect((await patch(worker.path, { instances: 5 }, "*")).body.specVersion).toBe(3);
    expect((await patch(worker.path, { instances: 6 })).body.specVersion).toBe(4);
  });

  it("of many with one condition, one passes; without one, all do", async () => {
    const worker = await makeWorker(world, project);
    const raced = await Promise.all(
      Array.from({ length: 6 }, (_, i) => patch(worker.path, { instances: i + 2 }, '"1"')),
    );
    expect(raced.map(({ status }) => status).sort()).toEqual([200, ...Array(5).fill(412)]);
    const free = await Promise.all([
      patch(worker.path, { branch: "next" }),
      patch(worker.path, { stopGraceMs: 5_000 }),
      patch(worker.path, { startCommand: "node x.js" }),
    ]);
    expect(free.map(({ status }) => status)).toEqual([200, 200, 200]);
    const after = await world.ask<WorkerView>(worker.path);
    expect(after.body).toMatchObject({
      branch: "next",
      stopGraceMs: 5_000,
      startCommand: "node x.js",
      specVersion: 5,
    });
  });

  it("that alters nothing makes no version", async () => {
    const worker = await makeWorker(world, project);
    expect((await patch(worker.path, { instances: 1 })).body.specVersion).toBe(1);
    expect(world.worker(worker.id).applied).toHaveLength(1);
  });

  it("keeps every version and who made it, with an audit row for each", async () => {
    const worker = await makeWorker(world, project);
    await world.ask(worker.path, {
      method: "PATCH",
      body: { instances: 4 },
      token: project.developer,
    });
    const versions = await world.env.DB.prepare(
      "SELECT version, actor FROM worker_specs WHERE worker_id = ? ORDER BY version",
    )
      .bind(worker.id)
      .all();
    expect(versions.results).toEqual([
      { version: 1, actor: "operator" },
      { version: 2, actor: "a developer" },
    ]);
    const audit = await world.env.DB.prepare(
      "SELECT action, actor FROM audit WHERE target = ? ORDER BY id",
    )
      .bind(worker.id)
      .all();
    expect(audit.results).toEqual([
      { action: "workers.create", actor: "operator" },
      { action: "workers.patch", actor: "a developer" },
    ]);
  });

  it("stop and start change what is wanted", async () => {
    const worker = await makeWorker(world, project);
    expect((await world.ask(`${worker.path}/stop`, { method: "POST" })).status).toBe(200);
    expect((await world.ask(`${worker.path}/stop`, { method: "POST" })).body).toMatchObject({
      specVersion: 2,
    });
    expect((await world.ask(`${worker.path}/start`, { method: "POST" })).status).toBe(200);
    expect(world.worker(worker.id).applied.map(({ spec }) => spec.wanted)).toEqual([
      "running",
      "stopped",
      "running",
    ]);
  });

  it("a deploy, a restart and a cancel reach the object", async () => {
    const worker = await makeWorker(world, project);
    const deploy = await world.ask(`${worker.path}/deploys`, { body: { ref: "release/1" } });
    expect(deploy).toMatchObject({ status: 201, body: { number: 2, ref: "release/1" } });
    expect(deploy.headers.get("location")).toBe(`${worker.path}/deploys/2`);
    expect((await world.ask(`${worker.path}/deploys`, { method: "POST" })).body).toMatchObject({
      ref: null,
    });
    const typed = { method: "POST", headers: { "content-type": "application/json" } };
    expect((await world.ask(`${worker.path}/deploys`, typed)).status).toBe(201);
    expect(await world.ask(`${worker.path}/restart`, { method: "POST" })).toMatchObject({
      status: 202,
      body: { kind: "restart" },
    });
    const cancel = { method: "POST" };
    expect((await world.ask(`${worker.path}/deploys/2/cancel`, cancel)).body).toMatchObject({
      status: "canceled",
    });
    expect((await world.ask(`${worker.path}/deploys/77/cancel`, cancel)).status).toBe(404);
  });
});

describe("delete", () => {
  it("frees the name at once, tells the object, and takes the variables along", async () => {
    const worker = await makeWorker(world, project, { env: { KEY: "v" } });
    const gone = await world.ask(worker.path, { method: "DELETE" });
    expect(gone.status).toBe(202);
    expect((await world.ask(worker.path)).status).toBe(404);
    expect((await world.ask(`${project.path}/workers/${worker.id}`)).status).toBe(404);
    expect((await world.ask(worker.path, { method: "DELETE" })).status).toBe(404);
    expect(world.worker(worker.id).applied.at(-1)?.spec.wanted).toBe("deleted");
    const vars = await world.env.DB.prepare("SELECT * FROM env_vars WHERE worker_id = ?")
      .bind(worker.id)
      .all();
    expect(vars.results).toEqual([]);
    const again = await world.ask<WorkerView>(`${project.path}/workers`, {
      body: { ...GOOD_WORKER, name: worker.name },
    });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(worker.id);
  });
});

describe("pages", () => {
  it("show every worker once, in order, also while others come and go", async () => {
    const own = await makeProject(world);
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.push((await makeWorker(world, own)).name);
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const query: string = next ? `?limit=3&cursor=${next}` : "?limit=3";
      const page: { body: { items: WorkerView[]; next: string | null } } = await world.ask(
        `${own.path}/workers${query}`,
      );
      expect(page.body.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.body.items.map(({ name }) => name));
      next = page.body.next;
      if (seen.length === 3)
        await world.ask(`${own.path}/workers/${seen[0]}`, { method: "DELETE" });
    } while (next);
    expect(seen).toEqual(made);
  });

  it("a list wakes no object", async () => {
    const worker = await makeWorker(world, project);
    const before = world.worker(worker.id).calls;
    await world.ask(`${project.path}/workers?limit=200`);
    expect(world.worker(worker.id).calls).toBe(before);
  });
});

describe("while the object is out of reach", () => {
  it("a call is tried again with a fresh stub", async () => {
    const worker = await makeWorker(world, project);
    world.worker(worker.id).failing = 2;
    expect((await patch(worker.path, { instances: 9 })).status).toBe(200);
    expect(await rowOf(worker.id)).toMatchObject({ applied_version: 2 });
  });

  it("a change is stored and answered, and the sweep brings it through", async () => {
    const worker = await makeWorker(world, project);
    const object = world.worker(worker.id);
    object.failing = 100;
    const changed = await patch(worker.path, { instances: 7 });
    expect(changed).toMatchObject({ status: 200, body: { instances: 7, specVersion: 2 } });
    expect(await rowOf(worker.id)).toMatchObject({ spec_version: 2, applied_version: 1 });
    expect(await runSweep()).toMatchObject({ failed: 1 });
    object.failing = 0;
    expect(await runSweep()).toMatchObject({ workers: 1, failed: 0 });
    expect(object.applied.at(-1)).toMatchObject({ specVersion: 2, spec: { instances: 7 } });
    expect(await rowOf(worker.id)).toMatchObject({ applied_version: 2 });
    expect(await runSweep()).toMatchObject({ workers: 0 });
  });

  it("the first deploy is repeated with the id of the first try; a delete comes through too", async () => {
    const body = { ...GOOD_WORKER, name: freshName("late"), env: { A: "1" } };
    const broken = await makeWorld({
      WORKER_OBJECT: {
        idFromName: () => "x",
        get: () => ({
          apply: async () => Promise.reject(new Error("reset")),
          overview: async () => Promise.reject(new Error("reset")),
        }),
      } as unknown as DurableObjectNamespace,
    });
    const made = await broken.ask<WorkerView>(`${project.path}/workers`, { body });
    expect(made).toMatchObject({ status: 201, body: { status: "pending", statusAt: null } });
    const token = { kind: "token", token: "t" };
    const at = `${project.path}/workers/${body.name}/git-credential`;
    expect((await world.ask(at, { method: "PUT", body: token })).status).toBe(200);
    await runSweep();
    const [told] = world.worker(made.body.id).applied;
    const stored = await world.env.DB.prepare(
      "SELECT initial_deploy_id AS id FROM workers WHERE id = ?",
    )
      .bind(made.body.id)
      .first("id");
    expect(told?.initialDeploy?.deployId).toBe(stored);
    expect(told?.initialDeploy?.env.entries.map(({ name }) => name)).toEqual(["A"]);
    expect(told?.initialDeploy?.git).toMatchObject({ version: 1, iv: expect.any(String) });
    expect(
      (await broken.ask(`${project.path}/workers/${body.name}`, { method: "DELETE" })).status,
    ).toBe(202);
    await runSweep();
    expect(world.worker(made.body.id).applied.at(-1)?.spec.wanted).toBe("deleted");
  });

  it("a deploy, which is stored nowhere else, is answered with unavailable", async () => {
    const worker = await makeWorker(world, project);
    const before = await dumpD1(world.env.DB);
    world.worker(worker.id).failing = 100;
    const answer = await world.problem(`${worker.path}/deploys`, { method: "POST" });
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await dumpD1(world.env.DB)).toBe(before);
  });

  it("a worker is shown as it was known last, with the time of that", async () => {
    const worker = await makeWorker(world, project);
    await world.env.DB.prepare(
      "INSERT INTO worker_projections (worker_id, version, status, running, release, at) VALUES (?, 1, 'running', 1, 4, 1700000000000)",
    )
      .bind(worker.id)
      .run();
    world.worker(worker.id).failing = 100;
    const shown = await world.ask<WorkerView>(worker.path);
    expect(shown.body).toMatchObject({
      status: "running",
      running: 1,
      release: 4,
      statusAt: "2023-11-14T22:13:20.000Z",
    });
  });

  it("an overloaded object is not asked again", async () => {
    let asked = 0;
    const busy = await makeWorld({
      WORKER_OBJECT: {
        idFromName: () => "x",
        get: () => ({
          instances: async () => {
            asked++;
            throw Object.assign(new Error("busy"), { overloaded: true });
          },
        }),
      } as unknown as DurableObjectNamespace,
    });
    const worker = await makeWorker(world, project);
    expect((await busy.ask(`${worker.path}/instances`)).status).toBe(503);
    expect(asked).toBe(1);
  });
});

describe("going back", () => {
  it("asks the object for it once, and answers where the deploy is", async () => {
    const worker = await makeWorker(world, project);
    const send = () =>
      world.ask<DeployView>(`${worker.path}/rollbacks`, {
        body: { release: 2 },
        headers: { "idempotency-key": "back-1" },
      });
    const [first, second] = [await send(), await send()];
    expect(first).toMatchObject({ status: 201, body: { status: "queued" } });
    expect(first.headers.get("location")).toMatch(/\/deploys\/\d+$/);
    expect(second.body).toEqual(first.body);
    expect(world.worker(worker.id).rollbacks).toMatchObject([{ release: 2 }]);
    await world.ask(`${worker.path}/rollbacks`, { method: "POST" });
    expect(world.worker(worker.id).rollbacks.at(-1)).toMatchObject({ release: null });
    const wrong = await world.problem(`${worker.path}/rollbacks`, { body: { release: 0 } });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: "release" }] } });
  });

  it("tells the difference against the live release or another one", async () => {
    const worker = await makeWorker(world, project);
    const live = await world.ask(`${worker.path}/releases/1/diff`);
    expect(live).toMatchObject({ status: 200, body: { from: { release: 2 }, to: { release: 1 } } });
    const other = await world.ask(`${worker.path}/releases/2/diff?against=1`);
    expect(other.body).toMatchObject({ from: { release: 1 }, to: { release: 2 } });
    expect((await world.problem(`${worker.path}/releases/9/diff`)).status).toBe(404);
  });
});
