// What the objects cost while little happens: rows written and wake-ups, counted against the table in the design.
import { beforeAll, describe, expect, it } from "vitest";
import { TestHost } from "./fake-host.ts";
import { makeLive } from "./live.ts";
import { makeProject, prepareD1, until } from "./support.ts";

beforeAll(prepareD1);

describe("rows", () => {
  it("per 1,000 lines at a line a second are at most 4", async () => {
    const { agent, worker } = await makeLive(1);
    const [instanceId] = [...agent.instances.keys()] as [string];
    const written = () => worker.inside((object) => object.parts.sql.rowsWritten);
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    const quiet = () => worker.inside((o) => o.parts.agenda.keys("project").length === 0);
    await until(quiet, "quiet", 12_000);
    const send = async (lines: number, start: number, n: number) => {
      const text = Array.from(
        { length: lines },
        (_, i) => `line ${String(i).padStart(6, "0")}\n`,
      ).join("");
      agent.sendFrame(text, { instanceId, start });
      await agent.channel!.nth("frame_ack", n);
      return start + text.length;
    };
    // The first frame also starts the clock of retention.
    let start = await send(300, 0, 1);
    const before = await written();
    for (let n = 2; n <= 11; n++) start = await send(300, start, n);
    const perThousand = ((await written()) - before) / 3;
    console.log(`rows per 1,000 lines at 1 line/s: ${perThousand.toFixed(2)}`);
    expect(perThousand).toBeLessThanOrEqual(4);
    const again = await written();
    for (let n = 12; n <= 21; n++) start = await send(10_000, start, n);
    const flood = ((await written()) - again) / 100;
    console.log(`rows per 1,000 lines at ≥ 50 lines/s: ${flood.toFixed(3)}`);
    expect(flood).toBeLessThanOrEqual(0.5);
  });

  it("for a report that says nothing new are none", async () => {
    const { agent, worker } = await makeLive(3);
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    agent.report();
    await worker.rpc.flush();
    const before = await worker.inside((object) => object.parts.sql.rowsWritten);
    for (let i = 0; i < 10; i++) agent.report();
    await worker.rpc.flush();
    expect(await worker.inside((object) => object.parts.sql.rowsWritten)).toBe(before);
  });
});

describe("wake-ups", () => {
  it("of a healthy idle host are about one a minute, each one row", async () => {
    const host = await TestHost.online(await makeProject());
    await until(
      async () => (await host.inside((o) => o.parts.agenda.keys("project"))).length === 0,
      "quiet",
    );
    const seen = await host.inside(async (object) => {
      const { agenda, rim, sockets, sql } = object.parts;
      const start = Date.now();
      let now = start;
      let due = 0;
      const alarms: number[] = [];
      rim.now = () => now;
      // Its heartbeats come each 10 s; the runtime notes them without waking the object.
      sockets.heardAt = () => start + Math.floor((now - start) / 10_000) * 10_000;
      const rows = sql.rowsWritten;
      while (now < start + 3_600_000) {
        due = agenda.nextDue() ?? Number.POSITIVE_INFINITY;
        now = Math.max(due, now + 1);
        alarms.push(now);
        await object.alarm();
      }
      return {
        wakes: alarms.length,
        rows: sql.rowsWritten - rows,
        status: object.parts.store.meta()?.status,
      };
    });
    console.log(
      `wake-ups of an idle host: ${seen.wakes} an hour, ${seen.rows} rows besides its alarm`,
    );
    expect(seen.status).toBe("online");
    expect(seen.wakes).toBeLessThanOrEqual(73);
    expect(seen.rows).toBe(0);
  });

  it("of an idle worker are none before its first lines grow old", async () => {
    const { worker } = await makeLive(2);
    await until(async () => (await worker.rpc.deployByNumber(1))?.status === "live", "live");
    await until(
      () =>
        worker.inside((o) =>
          (["project", "ledger"] as const).every((kind) => o.parts.agenda.keys(kind).length === 0),
        ),
      "quiet",
      12_000,
    );
    const { kinds, inMs } = await worker.inside(({ parts: { agenda, rim, sql } }) => ({
      kinds: sql.all<{ kind: string }>("SELECT kind FROM agenda").map((row) => row.kind),
      inMs: (agenda.nextDue() ?? 0) - rim.now(),
    }));
    expect(kinds).toEqual(["retention"]);
    expect(inMs).toBeGreaterThan(5 * 3_600_000);
  });
});
