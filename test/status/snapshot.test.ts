// D1 failing, and the control plane restarting: the last snapshot, its age in words, never a 5xx.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { STATUSPAGE_DOCUMENTS, type StatuspageDocument } from "../../protocol/statuspage.ts";
import entry from "../../src/index.ts";
import { forgetAll, type Wanted } from "../../src/status/answer.ts";
import { makeWorld, realEnv, type World } from "../http/support.ts";
import {
  addProject,
  ask,
  emptyBoard,
  FAILING,
  page,
  restart,
  snapshotOf,
  TestComponent,
} from "./support.ts";

let world: World;
let shop: Awaited<ReturnType<typeof addProject>>;
beforeAll(async () => {
  world = await makeWorld();
});
beforeEach(async () => {
  await emptyBoard();
  shop = await addProject();
  await TestComponent.add(shop, { name: "Mailer" });
});

const documents = Object.keys(STATUSPAGE_DOCUMENTS) as StatuspageDocument[];
const ALL: Wanted[] = [
  { form: "page" },
  ...documents.map((document) => ({ form: "document" as const, document })),
  { form: "feed" },
  { form: "badge", component: null },
  { form: "shields", component: null },
];

const HANGING = {
  prepare: () => HANGING,
  bind: () => HANGING,
  batch: () => new Promise(() => {}),
} as unknown as D1Database;

describe("while D1 fails", () => {
  it("this isolate gives what it had, says from when, and lets nobody keep it for long", async () => {
    const now = Date.now();
    await page({ now });
    const later = now + 600_000;
    const answer = await ask({ form: "page" }, { d1: FAILING, now: later });
    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(html).toContain("Mailer");
    expect(html).toContain("when last seen");
    expect(html).toContain("Our records cannot be read at present");
    expect(html).toContain(new Date(now).toISOString());
    expect(answer.headers.get("cache-control")).toBe("public, max-age=5, s-maxage=5");
  });

  it("a fresh isolate takes it from the edge's cache", async () => {
    const now = Date.now();
    await page({ now });
    forgetAll();
    expect(await page({ d1: FAILING, now: now + 600_000 })).toContain("Mailer");
  });

  it("a restarted control plane with an empty cache takes it from the object that the cron wrote", async () => {
    const snapshot = await snapshotOf();
    await restart();
    const html = await page({ d1: FAILING, snapshot, now: Date.now() + 600_000 });
    expect(html).toContain("Mailer");
    expect(html).toContain("when last seen");
  });

  it("the whole way: the cron keeps, everything is lost, the app still answers", async () => {
    const ctx = {
      waitUntil: () => {},
      passThroughOnException: () => {},
    } as unknown as ExecutionContext;
    const controller = { scheduledTime: Date.now(), cron: "* * * * *", noRetry: () => {} };
    await entry.scheduled(controller as ScheduledController, realEnv, ctx);
    await restart();
    const broken = await makeWorld({ DB: FAILING, STATUS_OBJECT: realEnv.STATUS_OBJECT });
    const answer = await broken.ask("/status", { token: null });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain("Mailer");
    expect((await broken.ask("/healthz", { token: null })).status).toBe(503);
  });

  it("and nothing is left, it says that nothing is known, in every form", async () => {
    for (const wanted of ALL) {
      await restart();
      const answer = await ask(wanted, { d1: FAILING });
      const text = await answer.text();
      expect(answer.status).toBe(200);
      if (wanted.form === "page") expect(text).toContain("Nothing is known at present");
      if (wanted.form === "document") STATUSPAGE_DOCUMENTS[wanted.document].parse(JSON.parse(text));
      expect(text).not.toMatch(/operational/i);
    }
  });

  it("one that hangs costs one wait, not one for each request", async () => {
    const start = Date.now();
    await ask({ form: "page" }, { d1: HANGING, now: start });
    const waited = Date.now() - start;
    expect(waited).toBeLessThan(6_000);
    const again = Date.now();
    for (let i = 0; i < 20; i++) await ask({ form: "page" }, { d1: HANGING, now: start + 1_000 });
    expect(Date.now() - again).toBeLessThan(1_000);
  });

  it("a snapshot of another shape is not read", async () => {
    for (const snapshot of ["", "{", "null", '{"shape":99,"model":{"components":[]}}'])
      expect(await page({ d1: FAILING, snapshot })).toContain("Nothing is known at present");
  });

  it("it is current again soon after D1 is back", async () => {
    const now = Date.now();
    await page({ now });
    await page({ d1: FAILING, now: now + 600_000 });
    const html = await page({ now: now + 620_000 });
    expect(html).not.toContain("when last seen");
    expect(html).toContain(new Date(now + 620_000).toISOString());
  });
});

describe("while D1 is well", () => {
  it("what changed shows within a minute", async () => {
    const now = Date.now();
    await page({ now });
    await TestComponent.add(shop, { name: "Newcomer" });
    expect(await page({ now: now + 10_000 })).not.toContain("Newcomer");
    await page({ now: now + 40_000 });
    expect(await page({ now: now + 41_000 })).toContain("Newcomer");
  });

  it("documents answer the world over the API as well", async () => {
    const answer = await world.ask("/api/v2/status.json", { token: null });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });
});
