// Exactly N over several hosts: power cuts, hangs, an outage of the control plane, and what comes back afterwards.
// Durations are scaled down, their proportions are those of production.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signal } from "../../scripts/local/identity.ts";
import type { LocalHost } from "../../scripts/local/local-host.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";
import { FLEET_POLICY, LOST_MS } from "../support/fleet-policy.ts";
import { overlaps, runsOf, TICKER } from "../support/ticks.ts";

let cluster: Cluster;
let repo: TestRepo;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "coppice-ticks-"));
  repo = new TestRepo({ "tick.mjs": TICKER });
  cluster = await Cluster.start({ hosts: 3, policy: FLEET_POLICY });
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
  rmSync(directory, { recursive: true, force: true });
});

async function makeWorker(name: string, more: object = {}): Promise<WorkerHandle> {
  const body = { name, repo: repo.path, startCommand: "exec sleep 1000", instances: 2, ...more };
  const worker = await cluster.createWorker(body);
  await worker.deployEnded(1);
  return worker;
}

/** The host on which the slot runs. */
async function homeOf(worker: WorkerHandle, slot: number) {
  const all = await worker.instances();
  const name = all.find((one) => one.slot === slot)?.hostName ?? "";
  return cluster.host(name);
}

async function settled(worker: WorkerHandle, count: number): Promise<void> {
  await worker.up(count, 40_000);
  await waitUntil({ what: `${count} programs of ${worker.name}`, withinMs: 15_000 }, () => {
    const slots = cluster
      .programs(worker.name)
      .map((pid) => cluster.variable(pid, "COPPICE_INSTANCE"));
    return new Set(slots).size === count;
  });
}

describe("a host that loses its power", () => {
  test("is replaced within lost-after and 3 s; on its return there are exactly N again", async () => {
    const worker = await makeWorker("power");
    const before = await worker.up(2);
    expect(new Set(before.map((one) => one.hostId)).size).toBe(2);
    const home = await homeOf(worker, 0);
    const lost = before.find((one) => one.slot === 0)!;
    await home.losePower();
    const cutAt = performance.now();
    await waitUntil({ what: "a replacement", withinMs: LOST_MS + 20_000, everyMs: 20 }, () => {
      const slots = cluster
        .programs(worker.name)
        .map((pid) => cluster.variable(pid, "COPPICE_SLOT"));
      return slots.includes("0");
    });
    const tookMs = performance.now() - cutAt;
    console.log(
      `host killed: a replacement ran after ${Math.round(tookMs)} ms (lost after ${LOST_MS})`,
    );
    expect(tookMs).toBeLessThan(LOST_MS + 3_000);
    home.reboot("rebooted-1");
    await cluster.online([home.name]);
    await settled(worker, 2);
    const after = await worker.instances();
    const now = after.find((one) => one.slot === 0)!;
    expect(now.generation).toBeGreaterThan(lost.generation);
    expect(after.find((one) => one.slot === 1)?.id).toBe(before.find((one) => one.slot === 1)?.id);
    const events = (await worker.events()).map((one) => one.message);
    expect(events).toContain("Instance 0 moves to another host: its host was lost.");
    const crashes = await worker.crashes();
    expect(crashes.filter((one) => one.reason === "host_rebooted")).toHaveLength(1);
    await worker.delete();
  });
});

/** Hangs the host's agent until what is waited for has happened. */
async function hanging(host: LocalHost, until: () => Promise<unknown>): Promise<void> {
  host.hang(["agent"], "SIGSTOP");
  try {
    await until();
  } finally {
    host.hang(["agent"], "SIGCONT");
  }
}

describe("an agent that hangs for longer than lost-after", () => {
  test("available: is replaced, and there are exactly N again afterwards", async () => {
    const worker = await makeWorker("hung", { instances: 1 });
    await settled(worker, 1);
    await hanging(await homeOf(worker, 0), () =>
      waitUntil({ what: "a replacement beside it", withinMs: 40_000 }, () => {
        return cluster.programs(worker.name).length === 2;
      }),
    );
    await settled(worker, 1);
    expect((await worker.instances())[0]?.generation).toBe(2);
    const events = (await worker.events()).map((one) => one.kind);
    expect(events).toEqual(
      expect.arrayContaining(["host_lost", "instance_moved", "host_returned"]),
    );
    await worker.delete();
  });

  test("exclusive: is fenced in time, its stubborn children too, and never runs twice", async () => {
    const ticks = join(directory, "hang");
    const worker = await makeWorker("hung-once", {
      instances: 1,
      mode: "exclusive",
      startCommand: "exec node tick.mjs",
      env: { TICKS: ticks, STUBBORN: "1" },
    });
    await settled(worker, 1);
    await hanging(await homeOf(worker, 0), () =>
      waitUntil({ what: "a successor", withinMs: 40_000 }, () => {
        return runsOf(ticks).some((run) => run.generation > 1);
      }),
    );
    await settled(worker, 1);
    const runs = runsOf(ticks);
    const gapMs =
      Math.min(...runs.filter((one) => one.generation > 1).map((one) => one.from)) -
      Math.max(...runs.filter((one) => one.generation === 1).map((one) => one.to));
    console.log(`exclusive, agent held up: ${Math.round(gapMs)} ms between the two`);
    expect(overlaps(runs)).toEqual([]);
    await worker.delete();
  });
});

describe("an exclusive worker", () => {
  test("never runs twice through kills, hangs, power cuts and returns", async () => {
    const ticks = join(directory, "faults");
    const worker = await makeWorker("once", {
      instances: 1,
      mode: "exclusive",
      startCommand: "exec node tick.mjs",
      env: { TICKS: ticks },
    });
    const again = () => settled(worker, 1);
    await again();
    await (await homeOf(worker, 0)).agent.kill();
    await again();
    await (await homeOf(worker, 0)).keeper.kill();
    await again();
    const cut = await homeOf(worker, 0);
    await cut.losePower();
    await waitUntil(
      { what: "a successor", withinMs: 40_000 },
      () => cluster.programs("once").length > 0,
    );
    cut.reboot("rebooted-2");
    await cluster.online([cut.name]);
    await again();
    const hung = await homeOf(worker, 0);
    await hanging(hung, () =>
      waitUntil({ what: "the fence", withinMs: 20_000 }, () => {
        return hung.programs().every((pid) => cluster.variable(pid, "COPPICE_WORKER") !== "once");
      }),
    );
    await again();
    await worker.post("restart");
    await worker.deployEnded(2, 60_000);
    await again();
    const generations = () => new Set(runsOf(ticks).map((one) => one.generation)).size;
    // By the power cut and by the restart, at least; the last one has only just begun.
    await waitUntil({ what: "three generations that ticked", withinMs: 10_000 }, () => {
      return generations() >= 3;
    });
    const runs = runsOf(ticks);
    console.log(
      `exclusive: ${runs.length} processes of ${generations()} instances, no two at once`,
    );
    expect(overlaps(runs)).toEqual([]);
    await worker.delete();
  });
});

describe("an outage of the control plane", () => {
  test("stops no available instance, restarts what crashes; exclusive ones are fenced and come back", async () => {
    const ticks = join(directory, "outage");
    const worker = await makeWorker("outage");
    const only = await makeWorker("outage-once", {
      instances: 1,
      mode: "exclusive",
      startCommand: "exec node tick.mjs",
      env: { TICKS: ticks },
    });
    await Promise.all([settled(worker, 2), settled(only, 1)]);
    const pids = await worker.pids(2);
    const [generation] = (await only.instances()).map((one) => one.generation);
    signal(cluster.controlPlane.pid ?? 0, "SIGSTOP");
    signal(cluster.workerdPid ?? 0, "SIGSTOP");
    await waitUntil(
      { what: "the fence", withinMs: 20_000 },
      () => cluster.programs("outage-once").length === 0,
    );
    const [victim, other] = pids as [number, number];
    signal(victim, "SIGKILL");
    await waitUntil({ what: "the crashed one to be back", withinMs: 5_000 }, () => {
      return cluster.programs("outage").filter((pid) => pid !== other).length > 0;
    });
    await new Promise((later) => setTimeout(later, 2 * LOST_MS));
    expect(cluster.programs("outage")).toContain(other);
    signal(cluster.workerdPid ?? 0, "SIGCONT");
    signal(cluster.controlPlane.pid ?? 0, "SIGCONT");
    await cluster.healthy();
    await settled(worker, 2);
    await settled(only, 1);
    expect(cluster.programs("outage")).toContain(other);
    const killed = (await worker.crashed(1)).filter((one) => one.signal === "SIGKILL");
    expect(killed).toHaveLength(1);
    expect((await only.instances())[0]?.generation).toBe(generation);
    // The program and its child, and after the fence another program and its child.
    const runs = await waitUntil({ what: "ticks after the fence", withinMs: 15_000 }, () => {
      const seen = runsOf(ticks);
      return seen.length > 2 && seen;
    });
    const fencedAt = Math.max(...runs.slice(0, 2).map((one) => one.to));
    expect(Math.min(...runs.slice(2).map((one) => one.from))).toBeGreaterThan(fencedAt);
    await Promise.all([worker.delete(), only.delete()]);
  });
});
