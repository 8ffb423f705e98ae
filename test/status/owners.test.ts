// What owners say: which workers are public, updates of incidents, maintenances.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { IncidentView, MaintenanceView, StatusPageView } from "../../protocol/status-page.ts";
import { judgeMinute } from "../../src/status/judge.ts";
import { makeProject, makeWorker, makeWorld, realEnv, type World } from "../http/support.ts";
import { db, emptyBoard, page, restart, TestComponent } from "./support.ts";

let world: World;
let shop: Awaited<ReturnType<typeof makeProject>>;
let foreign: Awaited<ReturnType<typeof makeProject>>;

beforeAll(async () => {
  world = await makeWorld();
  shop = await makeProject(world);
  foreign = await makeProject(world);
});
beforeEach(emptyBoard);

const put = (path: string, body: unknown, token: string) =>
  world.ask<StatusPageView>(`${path}/status-page`, { method: "PUT", body, token });

describe("publishing a worker", () => {
  it("shows it under the name that its owner chose, and takes it back", async () => {
    const worker = await makeWorker(world, shop);
    const before = await world.ask<StatusPageView>(`${worker.path}/status-page`, {
      token: shop.viewer,
    });
    expect(before.body).toEqual({ public: false, name: worker.name, group: null, updatedAt: null });
    const body = { public: true, name: " Mail out ", group: "Mail" };
    const made = await put(worker.path, body, shop.developer);
    expect(made.body).toMatchObject({ public: true, name: "Mail out", group: "Mail" });
    const shown = await page();
    expect(shown).toContain("Mail out");
    expect(shown).not.toContain(worker.name);
    await put(worker.path, { public: false }, shop.developer);
    await restart();
    expect(await page()).not.toContain("Mail out");
    const { results } = await realEnv.DB.prepare(
      "SELECT detail FROM audit WHERE action = 'status-page.publish' AND target = ? ORDER BY id",
    )
      .bind(worker.id)
      .all<{ detail: string }>();
    expect(results.map(({ detail }) => JSON.parse(detail).public)).toEqual([true, false]);
  });

  it.each([
    ["no choice", {}],
    ["a word for a truth", { public: "yes" }],
    ["an empty name", { public: true, name: " " }],
    ["a name that turns the text around", { public: true, name: "a\u202Eb" }],
    ["a name of two lines", { public: true, name: "a\nb" }],
    ["a name with a terminal's control", { public: true, name: "a\u001b[31m" }],
    ["a name too long", { public: true, name: "x".repeat(81) }],
    ["an unknown field", { public: true, color: "red" }],
  ])("refuses %s", async (_name, body) => {
    const worker = await makeWorker(world, shop);
    expect((await put(worker.path, body, shop.developer)).status).toBe(400);
  });

  it("is for developers of that project", async () => {
    const worker = await makeWorker(world, shop);
    expect((await put(worker.path, { public: true }, shop.viewer)).status).toBe(403);
    expect((await put(worker.path, { public: true }, foreign.admin)).status).toBe(404);
  });
});

describe("an incident", () => {
  let now = 0;
  let component: TestComponent;
  const project = () => ({ id: shop.id as never });
  const list = async () =>
    (await world.ask<{ items: IncidentView[] }>(`${shop.path}/incidents`, { token: shop.viewer }))
      .body.items;
  const annotate = (
    id: string,
    body: unknown,
    more: { token?: string; headers?: Record<string, string> } = {},
  ) =>
    world.ask<IncidentView>(`${shop.path}/incidents/${id}/updates`, {
      body,
      token: shop.developer,
      ...more,
    });

  const minutes = async (count: number) => {
    for (let i = 0; i < count; i++) {
      now += 60_000;
      await judgeMinute(db, now);
    }
  };

  beforeEach(async () => {
    await realEnv.DB.prepare("UPDATE workers SET deleted_at = 1 WHERE project_id = ?")
      .bind(shop.id)
      .run();
    now = Date.now() - 600_000;
    component = await TestComponent.add(project(), {
      name: "Mailer",
      kind: "down",
      sinceMs: 900_000,
    });
    await minutes(2);
  });

  it("takes a person's update beside its own, and keeps all of them", async () => {
    const [open] = await list();
    const said = { message: "A full disk.\nWe are on it.", status: "identified" };
    const made = await annotate(open!.id, said);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ status: "identified", resolvedAt: null });
    expect(made.body.updates.map((one) => [one.status, one.actor])).toEqual([
      ["identified", "a developer"],
      ["investigating", "coppice"],
    ]);
    await restart();
    const shown = await page();
    expect(shown).toContain("A full disk.");
    expect(shown).not.toContain("a developer");
    await component.is("up");
    await minutes(5);
    const [closed] = await list();
    expect(closed).toMatchObject({ id: open!.id, status: "resolved" });
    expect(closed!.updates.length).toBe(4);
    const later = await annotate(open!.id, { message: "What we learned." });
    expect(later.body).toMatchObject({ status: "resolved", resolvedAt: closed!.resolvedAt });
  });

  it("is not resolved by word while it fails, nor opened again by word", async () => {
    const [open] = await list();
    const early = await annotate(open!.id, { message: "All is well.", status: "resolved" });
    expect(early.status).toBe(409);
    await component.is("up");
    expect((await annotate(open!.id, { message: "Done.", status: "resolved" })).status).toBe(201);
    const again = await annotate(open!.id, { message: "No.", status: "investigating" });
    expect(again.status).toBe(409);
  });

  it("takes a repeated update once", async () => {
    const [open] = await list();
    const headers = { "idempotency-key": "update-1" };
    const first = await annotate(open!.id, { message: "Once." }, { headers });
    const second = await annotate(open!.id, { message: "Once." }, { headers });
    expect(second.body).toEqual(first.body);
    expect((await list())[0]!.updates.length).toBe(2);
  });

  it("is not another project's to annotate, nor a viewer's", async () => {
    const [open] = await list();
    expect((await annotate(open!.id, { message: "x" }, { token: shop.viewer })).status).toBe(403);
    const crossed = await world.ask(`${foreign.path}/incidents/${open!.id}/updates`, {
      body: { message: "x" },
      token: foreign.admin,
    });
    expect(crossed.status).toBe(404);
  });
});

describe("a scheduled maintenance", () => {
  const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const create = (body: object, token = shop.admin) =>
    world.ask<MaintenanceView>(`${shop.path}/maintenances`, { body, token });

  it("is announced, keeps incidents away while under way, and can be taken back", async () => {
    const worker = await makeWorker(world, shop);
    await put(worker.path, { public: true, name: "Reports" }, shop.developer);
    const body = {
      name: "Move",
      message: "We move.",
      workers: [worker.name],
      startsAt: soon(-1),
      endsAt: soon(60),
    };
    const made = await create(body);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      status: "in_progress",
      components: [{ id: worker.id, name: "Reports" }],
    });
    const shown = await page({ project: shop.name });
    expect(shown).toContain("Scheduled maintenance");
    expect(shown).toContain("Under maintenance");
    const path = `${shop.path}/maintenances/${made.body.id}`;
    expect((await world.ask(path, { method: "DELETE", token: shop.admin })).status).toBe(204);
    expect((await world.ask(path, { method: "DELETE", token: shop.admin })).status).toBe(404);
    const list = await world.ask<{ items: unknown[] }>(`${shop.path}/maintenances`, {
      token: shop.viewer,
    });
    expect(list.body.items).toEqual([]);
  });

  it("names public workers of its own project, ends after it begins and in the future, and is an admin's", async () => {
    const worker = await makeWorker(world, shop);
    const good = {
      name: "Move",
      message: "We move.",
      workers: [worker.name],
      startsAt: soon(1),
      endsAt: soon(60),
    };
    expect((await create(good)).status).toBe(400);
    await put(worker.path, { public: true }, shop.developer);
    expect((await create({ ...good, endsAt: soon(0.5) })).status).toBe(400);
    expect((await create({ ...good, startsAt: soon(-60), endsAt: soon(-30) })).status).toBe(400);
    expect((await create({ ...good, workers: [] })).status).toBe(400);
    expect((await create(good, shop.developer)).status).toBe(403);
    expect((await create(good)).status).toBe(201);
  });
});
