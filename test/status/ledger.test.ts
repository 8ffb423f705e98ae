// The ledger of a real WorkerObject, as D1 and the page get it: crash loops, stopped workers, silence, restarts.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { DaySums, LedgerKind } from "../../protocol/status-page.ts";
import { dayOf, sumOf } from "../../src/domain/uptime.ts";
import { TestHost } from "../objects/fake-host.ts";
import { makeLive } from "../objects/live.ts";
import { makeProject, prepareD1, realEnv, TestWorker, until } from "../objects/support.ts";
import { page, restart } from "./support.ts";

beforeAll(prepareD1);

interface Told {
  readonly version: number;
  readonly kind: LedgerKind;
  readonly since: number;
  readonly days: Record<string, DaySums>;
}

async function told(worker: TestWorker): Promise<Told | null> {
  const query = "SELECT * FROM worker_ledgers WHERE worker_id = ?";
  const row = await realEnv.DB.prepare(query).bind(worker.id).first<Told & { days: string }>();
  return row && { ...row, days: JSON.parse(row.days) };
}

/** What waits to be told is told now. */
async function tells(worker: TestWorker, kind: LedgerKind): Promise<Told> {
  return until(async () => {
    await worker.inside(async (object) => {
      const { agenda } = object.parts;
      if (agenda.dueOf("ledger", "") !== null) agenda.set("ledger", "", 1);
      await object.alarm();
    });
    const row = await told(worker);
    return row?.kind === kind ? row : null;
  }, `told as ${kind}`);
}

const changes = (worker: TestWorker) =>
  worker.inside((object) => object.parts.ledger.changes().map(({ kind }) => kind));

async function publish(worker: TestWorker): Promise<void> {
  await worker.listInD1();
  await realEnv.DB.prepare("INSERT INTO status_components VALUES (?, ?, 1, ?, NULL, 0, 0)")
    .bind(worker.id, worker.projectId, `public ${worker.id}`)
    .run();
  await restart();
}

/** What the page says of it, as words. */
async function said(worker: TestWorker, now = Date.now()): Promise<string> {
  await restart();
  const html = await page({ project: worker.projectId, now });
  return html.slice(html.indexOf("<section>")).replace(/<[^>]*>/g, " ");
}

describe("a worker's ledger", () => {
  it("begins before the first deploy, goes up, and then neither writes nor wakes", async () => {
    const { worker } = await makeLive(2);
    const row = await tells(worker, "up");
    expect(sumOf(Object.values(row.days)).down).toBe(0);
    const [quiet, written] = await worker.inside(async (object) => {
      const rows = object.parts.sql.rowsWritten;
      await object.alarm();
      return [object.parts.agenda.dueOf("ledger", ""), object.parts.sql.rowsWritten - rows];
    });
    expect([quiet, written]).toEqual([null, 0]);
    expect(await changes(worker)).toEqual(["up"]);
  });

  it("takes a crash loop of one of two for degraded, of all for down, until a soak is survived", async () => {
    const { worker, agent } = await makeLive(2);
    await publish(worker);
    const [first, second] = [...agent.instances.keys()] as [string, string];
    const loop = (id: string, state: "backoff" | "running" | "healthy") => {
      const one = agent.instances.get(id)!;
      agent.instances.set(id, { ...one, state, restarts: state === "healthy" ? 0 : 5 });
      agent.report();
    };
    loop(first, "backoff");
    await tells(worker, "degraded");
    expect(await said(worker)).toContain("Degraded");
    loop(second, "backoff");
    const down = await tells(worker, "down");
    expect(await said(worker, down.since + 300_000)).toContain("None of its instances runs");
    // Each attempt is there for a moment: no news for the page.
    loop(second, "running");
    await worker.rpc.flush();
    expect((await changes(worker)).at(-1)).toBe("down");
    loop(first, "healthy");
    loop(second, "healthy");
    await tells(worker, "up");
    expect(await said(worker)).toContain("Operational");
  });

  it("does not take a restart in place for an outage that the page shows", async () => {
    const { worker, agent } = await makeLive(1);
    const before = await tells(worker, "up");
    const [id] = [...agent.instances.keys()] as [string];
    const one = agent.instances.get(id)!;
    agent.instances.set(id, { ...one, state: "backoff", restarts: 1 });
    agent.report();
    await until(async () => (await changes(worker)).at(-1) === "down", "down");
    expect(
      await worker.inside((object) => object.parts.agenda.dueOf("ledger", "")),
    ).toBeGreaterThan(Date.now() + 4_000);
    agent.instances.set(id, { ...one, state: "healthy", restarts: 1 });
    agent.report();
    await until(async () => (await changes(worker)).at(-1) === "up", "up");
    expect((await told(worker))?.version).toBe(before.version);
  });

  it("counts a stopped worker and one scaled to 0 neither way", async () => {
    const { worker } = await makeLive(1);
    await publish(worker);
    await tells(worker, "up");
    await worker.apply({ wanted: "stopped" });
    await tells(worker, "stopped");
    expect(await said(worker)).toContain("Stopped by its owner");
    await worker.apply({ wanted: "running", instances: 0 });
    const row = await tells(worker, "stopped");
    expect(sumOf(Object.values(row.days)).down).toBe(0);
  });

  it("is unknown, not down, while its hosts are silent, and up again when they are back", async () => {
    const { worker, host } = await makeLive(1);
    await publish(worker);
    await tells(worker, "up");
    const later = () => Date.now() + 61_000;
    await worker.inside((object) => {
      object.parts.rim.now = later;
    });
    await host.inside((object) => {
      object.parts.rim.now = later;
    });
    await runDurableObjectAlarm(host.stub);
    await runDurableObjectAlarm(host.stub);
    await tells(worker, "unknown");
    const words = await said(worker, Date.now() + 90_000);
    expect(words).toContain("There is no data: it may run or not.");
    expect(words).not.toContain("None of its instances runs");
    await host.connect();
    await host.connectWorker(worker.id, true);
    const row = await tells(worker, "up");
    const all = sumOf(Object.values(row.days));
    expect(all.down).toBe(0);
    expect(all.unknown).toBeGreaterThan(0);
  });

  it("survives an eviction, and goes on where it was", async () => {
    const { worker } = await makeLive(1);
    const before = await tells(worker, "up");
    await evictDurableObject(worker.stub);
    await worker.rpc.overview();
    expect(await changes(worker)).toEqual(["up"]);
    await worker.apply({ wanted: "stopped" });
    const after = await tells(worker, "stopped");
    expect(after.version).toBeGreaterThan(before.version);
    expect(after.days[dayOf(Date.now())]!.up).toBeGreaterThanOrEqual(0);
    const all = sumOf(Object.values(after.days));
    expect(all.up + all.idle + all.down + all.degraded).toBeGreaterThan(0);
  });

  it("tells D1 again after D1 failed, and an older telling never wins", async () => {
    const worker = new TestWorker(await makeProject());
    await worker.apply();
    await worker.inside(async (object) => {
      const { parts } = object;
      const real = parts.env.DB;
      Object.assign(parts.env, { DB: null });
      parts.agenda.set("ledger", "", 1);
      await object.alarm();
      Object.assign(parts.env, { DB: real });
      expect(parts.agenda.dueOf("ledger", "")).not.toBeNull();
    });
    const row = await tells(worker, "pending");
    await realEnv.DB.prepare("UPDATE worker_ledgers SET version = 1000 WHERE worker_id = ?")
      .bind(worker.id)
      .run();
    await worker.inside(async (object) => {
      object.parts.agenda.set("ledger", "", 1);
      await object.alarm();
    });
    expect(await told(worker)).toMatchObject({ version: 1000, since: row.since });
  });

  it("knows of no downtime while nothing was deployed, and of downtime where no host has room", async () => {
    const projectId = await makeProject();
    const worker = new TestWorker(projectId);
    await worker.apply();
    expect((await changes(worker)).at(-1)).toBe("pending");
    const host = await TestHost.online(projectId, 1);
    await worker.runs(1);
    await worker.apply({ instances: 2 });
    await tells(worker, "degraded");
    host.close();
  });
});
