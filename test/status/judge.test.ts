// The cron's part, over D1: incidents open and close once, whatever crons do; gaps are remembered.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { judgeMinute } from "../../src/status/judge.ts";
import { makeWorld, realEnv } from "../http/support.ts";
import { addProject, db, emptyBoard, TestComponent } from "./support.ts";

const MINUTE = 60_000;
let now = 0;
let project: Awaited<ReturnType<typeof addProject>>;

beforeAll(() => makeWorld());
beforeEach(async () => {
  await emptyBoard();
  now = Math.floor(Date.now() / MINUTE) * MINUTE;
  project = await addProject();
});

const rows = async <T = Record<string, unknown>>(sql: string) =>
  (await realEnv.DB.prepare(sql).all<T>()).results;
const incidents = () =>
  rows<{ id: string; status: string; impact: string }>("SELECT * FROM incidents ORDER BY id");
const updates = async () =>
  (await rows<{ status: string }>("SELECT * FROM incident_updates ORDER BY at, id")).map(
    ({ status }) => status,
  );

async function minutes(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    now += MINUTE;
    await judgeMinute(db, now);
  }
}

describe("the cron", () => {
  it("opens, watches and resolves by itself", async () => {
    const one = await TestComponent.add(project, { kind: "down", sinceMs: 600_000 });
    await minutes(1);
    expect(await incidents()).toEqual([]);
    await minutes(1);
    expect(await incidents()).toMatchObject([{ status: "investigating", impact: "critical" }]);
    await one.is("up");
    await minutes(4);
    expect(await incidents()).toMatchObject([{ status: "monitoring" }]);
    await minutes(1);
    expect(await incidents()).toMatchObject([{ status: "resolved" }]);
    expect(await updates()).toEqual(["investigating", "monitoring", "resolved"]);
    await minutes(10);
    expect(await updates()).toHaveLength(3);
  });

  it("doubled, at once or later, does it once", async () => {
    await TestComponent.add(project, { kind: "down", sinceMs: 600_000 });
    await Promise.all([judgeMinute(db, now), judgeMinute(db, now)]);
    now += MINUTE;
    await Promise.all(Array.from({ length: 5 }, (_, i) => judgeMinute(db, now + i)));
    await judgeMinute(db, now + 30_000);
    expect(await incidents()).toHaveLength(1);
    expect(await updates()).toEqual(["investigating"]);
  });

  it("late by some minutes counts one window, not many", async () => {
    await TestComponent.add(project, { kind: "down", sinceMs: 600_000 });
    await judgeMinute(db, now);
    await judgeMinute(db, now - 10 * MINUTE);
    expect(await incidents()).toEqual([]);
    await judgeMinute(db, now + 4 * MINUTE);
    expect(await incidents()).toHaveLength(1);
  });

  it("away for long remembers the gap and takes nothing for granted", async () => {
    await TestComponent.add(project, { kind: "down", sinceMs: 600_000 });
    await judgeMinute(db, now);
    await judgeMinute(db, now + 60 * MINUTE);
    expect(await incidents()).toEqual([]);
    const [clock] = await rows<{ gaps: string }>("SELECT gaps FROM status_clock");
    expect(JSON.parse(clock!.gaps)).toEqual([[now, now + 60 * MINUTE]]);
  });

  it("keeps projects apart, and looks at public components alone", async () => {
    const other = await addProject();
    await TestComponent.add(project, { kind: "down", sinceMs: 600_000 });
    await TestComponent.add(other, { kind: "up" });
    await TestComponent.add(other, { kind: "down", sinceMs: 600_000, public: false });
    await minutes(3);
    expect(await rows("SELECT project_id FROM incidents")).toEqual([{ project_id: project.id }]);
  });

  it("says nothing while all are up, and writes one row a minute", async () => {
    await TestComponent.add(project);
    let written = 0;
    const counting = openDb(
      new Proxy(realEnv.DB, {
        get(target, key) {
          if (key !== "batch") return Reflect.get(target, key).bind(target) as unknown;
          return async (statements: D1PreparedStatement[]) => {
            const results = await target.batch(statements);
            for (const { meta } of results) written += meta.rows_written;
            return results;
          };
        },
      }),
    );
    await minutes(1);
    await judgeMinute(counting, now + MINUTE);
    expect(written).toBe(1);
    expect(await incidents()).toEqual([]);
  });

  it("ends an incident whose component was made private", async () => {
    const one = await TestComponent.add(project, { kind: "down", sinceMs: 600_000 });
    await minutes(2);
    await realEnv.DB.prepare("UPDATE status_components SET public = 0 WHERE worker_id = ?")
      .bind(one.id)
      .run();
    await minutes(1);
    expect(await incidents()).toMatchObject([{ status: "resolved" }]);
  });
});
