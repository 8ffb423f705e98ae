// Two minutes without a control plane, by the numbers of production: nothing that is available stops, what crashes is
// restarted, no line is lost; what is exclusive is fenced, and comes back by itself.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_POLICY } from "../../protocol/policy.ts";
import { signal } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import { overlaps, runsOf, TICKER } from "../support/ticks.ts";

const OUTAGE_MS = 120_000;
const COUNTER = `
let n = 0;
setInterval(() => console.log("line " + n++), 100);
`;

let cluster: Cluster;
let repo: TestRepo;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "coppice-ticks-"));
  repo = new TestRepo({ "tick.mjs": TICKER, "count.mjs": COUNTER });
  cluster = await Cluster.start({ hosts: 3, policy: {} });
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
  rmSync(directory, { recursive: true, force: true });
});

const until = (what: string, withinMs: number, probe: () => unknown) =>
  waitUntil({ what, withinMs, everyMs: 20 }, () => Boolean(probe()));

describe(`an outage of ${OUTAGE_MS / 1_000} s`, () => {
  test("of a control plane that stands still, and goes on", async () => {
    const ticks = join(directory, "ticks");
    const free = await cluster.createWorker({
      name: "free",
      repo: repo.path,
      startCommand: "exec node count.mjs",
      instances: 6,
    });
    const only = await cluster.createWorker({
      name: "only",
      repo: repo.path,
      mode: "exclusive",
      startCommand: "exec node tick.mjs",
      instances: 2,
      env: { TICKS: ticks, STUBBORN: "1" },
    });
    await Promise.all([free.deployEnded(1, 90_000), only.deployEnded(1, 90_000)]);
    const before = await free.up(6, 60_000);
    const generations = (await only.up(2, 60_000)).map((one) => one.generation);
    const pids = before.map((one) => one.pid ?? 0);
    signal(cluster.controlPlane.pid ?? 0, "SIGSTOP");
    signal(cluster.workerdPid ?? 0, "SIGSTOP");
    const stoppedAt = performance.now();
    const since = () => Math.round(performance.now() - stoppedAt);

    const [victim, ...others] = pids as [number, ...number[]];
    signal(victim, "SIGKILL");
    const killedAt = performance.now();
    await until("the crashed one to be back", 10_000, () => {
      return cluster.programs("free").filter((pid) => !pids.includes(pid)).length === 1;
    });
    const restartMs = Math.round(performance.now() - killedAt);
    await until("the fence", 60_000, () => cluster.programs("only").length === 0);
    const fencedMs = since();
    while (since() < OUTAGE_MS) {
      const now = cluster.programs("free");
      for (const pid of others) if (!now.includes(pid)) throw new Error(`${pid} was stopped`);
      await new Promise((later) => setTimeout(later, 500));
    }
    expect(cluster.programs("only")).toEqual([]);
    signal(cluster.workerdPid ?? 0, "SIGCONT");
    signal(cluster.controlPlane.pid ?? 0, "SIGCONT");
    const wentOnAt = performance.now();
    await cluster.healthy(60_000);
    await only.up(2, 90_000);
    const backMs = Math.round(performance.now() - wentOnAt);
    await cluster.online(["web-1", "web-2", "web-3"], 90_000);
    // Long enough for whoever would be judged by what was not heard.
    await new Promise((later) => setTimeout(later, DEFAULT_POLICY.heartbeat.lostMs + 15_000));

    const after = await free.up(6, 60_000);
    expect(after.map((one) => one.generation)).toEqual(before.map((one) => one.generation));
    expect(after.map((one) => one.pid).filter((pid) => others.includes(pid ?? 0))).toHaveLength(5);
    expect((await only.up(2)).map((one) => one.generation)).toEqual(generations);
    const moved = [...(await free.events()), ...(await only.events())].filter(({ kind }) =>
      /instance_moved|host_lost/.test(kind),
    );
    expect(moved).toEqual([]);
    const crashes = await free.crashed(1, 60_000);
    expect(crashes.map(({ signal: how }) => how)).toEqual(["SIGKILL"]);
    expect(overlaps(runsOf(ticks))).toEqual([]);
    const steady = after.filter((one) => others.includes(one.pid ?? 0));
    const missing = await Promise.all(steady.map((one) => missingOf(one.id)));
    const lost = missing.reduce((a, b) => a + b, 0);
    console.log(
      `outage of ${OUTAGE_MS / 1_000} s: a killed program was back after ${restartMs} ms; exclusive ones were fenced ` +
        `after ${(fencedMs / 1_000).toFixed(1)} s and ran again ${(backMs / 1_000).toFixed(1)} s after its end; ` +
        `5 of 5 pids unchanged, 1 crash recorded, ${lost} lines lost`,
    );
    expect(lost).toBe(0);

    /** Numbers that no line of the instance has, from 0 to the newest that was stored. */
    async function missingOf(instance: string): Promise<number> {
      const lines = await free.logs({ instance, limit: "5000", text: "line " });
      const numbers = new Set(lines.map(({ text }) => Number(text.slice("line ".length))));
      // Ten a second, for longer than the outage.
      expect(numbers.size).toBeGreaterThan(OUTAGE_MS / 100);
      return Math.max(...numbers) + 1 - numbers.size;
    }
  });
});
