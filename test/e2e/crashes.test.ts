// Whatever ends a process unasked: one crash record, a process again at once, nothing doubled.
// And whatever ends the agent or the keeper: no program notices.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { identify, isAlive, signal } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";

let cluster: Cluster;
let repo: TestRepo;

/** Ends itself with the code that appears in its HOME, once. */
const EXITS = `
import { existsSync, readFileSync, rmSync } from "node:fs";
const order = process.env.HOME + "/exit-" + process.env.COPPICE_SLOT;
console.log("up", process.pid);
setInterval(() => {
  if (!existsSync(order)) return;
  const code = Number(readFileSync(order, "utf8"));
  rmSync(order);
  console.log("leaving with", code);
  process.exit(code);
}, 20);
`;

beforeAll(async () => {
  repo = new TestRepo({ "exits.mjs": EXITS });
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

/** Waits until the slot runs as another process; ms from the call. */
async function backAs(worker: WorkerHandle, slot: number, oldPid: number): Promise<number> {
  const startedAt = performance.now();
  await waitUntil({ what: `slot ${slot} to be back`, withinMs: 5_000, everyMs: 1 }, () => {
    return cluster.programs(worker.name).some((pid) => {
      return pid !== oldPid && slotOf(pid) === slot;
    });
  });
  return performance.now() - startedAt;
}

function slotOf(pid: number): number {
  return Number(cluster.variable(pid, "COPPICE_SLOT"));
}

describe("an end that nobody asked for", () => {
  test("by kill -9 of one process: one crash, back at once, the others unmoved", async () => {
    const worker = await cluster.createWorker({
      name: "killed",
      repo: repo.path,
      startCommand: "exec sleep 1000",
      instances: 3,
    });
    const pids = await worker.pids(3);
    await worker.deployEnded(1);
    const victim = pids[1] ?? 0;
    signal(victim, "SIGKILL");
    const backMs = await backAs(worker, 1, victim);
    console.log(`back after kill -9: ${backMs.toFixed(1)} ms (seen by a poll of /proc)`);
    expect(backMs).toBeLessThan(1_000);
    const [crash] = await worker.crashed(1);
    expect(crash).toMatchObject({ slot: 1, signal: "SIGKILL", exitCode: null, reason: "crash" });
    const after = await worker.pids(3);
    expect([after[0], after[2]]).toEqual([pids[0], pids[2]]);
    expect(await worker.crashes()).toHaveLength(1);
    expect(cluster.programs(worker.name)).toHaveLength(3);
    await worker.delete();
  });

  test("by kill -9 of a whole process group: one crash, and no child left over", async () => {
    const worker = await cluster.createWorker({
      name: "grouped",
      repo: repo.path,
      startCommand: "sleep 1000 & sleep 1000 & wait",
    });
    const [leader = 0] = await worker.pids(1);
    await worker.deployEnded(1);
    await waitUntil({ what: "three processes", withinMs: 5_000 }, () => {
      return cluster.programs(worker.name).length === 3;
    });
    const old = cluster.programs(worker.name);
    signal(-leader, "SIGKILL");
    await worker.crashed(1);
    await waitUntil({ what: "three new processes", withinMs: 5_000 }, () => {
      const now = cluster.programs(worker.name);
      return now.length === 3 && !now.some((pid) => old.includes(pid));
    });
    expect(await worker.crashes()).toHaveLength(1);
    await worker.delete();
  });

  test.each([0, 3])(
    "by itself with code %i: one crash with that code and its last lines",
    async (code) => {
      const worker = await cluster.createWorker({
        name: `exits-${code}`,
        repo: repo.path,
        startCommand: "exec node exits.mjs",
      });
      const [pid = 0] = await worker.pids(1);
      await worker.deployEnded(1);
      cluster.writeHome(pid, "exit-0", String(code));
      const crashes = await worker.crashed(1);
      expect(crashes[0]).toMatchObject({ exitCode: code, signal: null, reason: "crash", slot: 0 });
      expect(crashes[0]?.tail.at(-1)).toBe(`leaving with ${code}`);
      const [again = 0] = await worker.pids(1);
      expect(again).not.toBe(pid);
      expect(await worker.crashes()).toHaveLength(1);
      const line = await worker.logged((one) => one.stream === "system" && /crash/i.test(one.text));
      expect(line.text).toContain(String(code));
      const events = await worker.events();
      expect(events.filter((event) => event.kind === "instance_crashed")).toHaveLength(1);
      await worker.delete();
    },
  );
});

describe("kill -9 of the agent and of the keeper", () => {
  test("stops no program, and exits in the meantime are restarted and reported once", async () => {
    const worker = await cluster.createWorker({
      name: "undisturbed",
      repo: repo.path,
      startCommand: "exec sleep 1000",
      instances: 3,
    });
    const pids = await worker.pids(3);
    await worker.deployEnded(1);
    const identities = pids.map((pid) => identify(pid)!);

    // The agent is down while a program dies: the keeper restarts it, the next agent tells.
    await cluster.agent.kill();
    signal(pids[0] ?? 0, "SIGKILL");
    await backAs(worker, 0, pids[0] ?? 0);
    const seen = await worker.crashed(1);
    expect(seen[0]).toMatchObject({ slot: 0, signal: "SIGKILL", reason: "crash" });
    const second = await worker.pids(3);

    await cluster.agent.kill();
    await cluster.keeper.kill();
    await waitUntil({ what: "agent and keeper to be back", withinMs: 10_000 }, () => {
      return cluster.agent.pid !== null && cluster.keeper.pid !== null;
    });
    expect(await worker.pids(3)).toEqual(second);
    expect(identities.slice(1).every(isAlive)).toBe(true);

    // The keeper is down while a program dies: the next one restarts it and reports an end that it did not see.
    await cluster.keeper.kill();
    signal(pids[1] ?? 0, "SIGKILL");
    await backAs(worker, 1, pids[1] ?? 0);
    const unseen = (await worker.crashed(2)).filter((crash) => crash.slot === 1);
    expect(unseen).toHaveLength(1);
    expect(unseen[0]).toMatchObject({ reason: "unknown", exitCode: null, signal: null });

    const after = await worker.pids(3);
    expect(after[2]).toBe(pids[2]);
    expect(cluster.programs(worker.name)).toHaveLength(3);
    expect(await worker.crashes()).toHaveLength(2);
    await worker.delete();
  });
});
