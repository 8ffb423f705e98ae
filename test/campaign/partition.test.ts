// A host whose network goes silent: no reset, no refusal, sends that seem to succeed. Available workers are replaced and
// back at exactly N afterwards; exclusive ones never run twice.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";
import { FLEET_POLICY, LOST_MS } from "../support/fleet-policy.ts";
import { GATEWAY, Networks, whyNoNamespaces } from "../support/netns.ts";
import { overlaps, runsOf, TICKER } from "../support/ticks.ts";

const why = whyNoNamespaces();
if (why) console.log(`skipped: ${why}`);

describe.skipIf(why !== null)("a host that is cut off silently", () => {
  const names = ["web-1", "web-2", "web-3"];
  let networks: Networks;
  let cluster: Cluster;
  let repo: TestRepo;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "coppice-ticks-"));
    repo = new TestRepo({ "tick.mjs": TICKER });
    networks = new Networks(names);
    cluster = await Cluster.start({
      hosts: names.length,
      policy: FLEET_POLICY,
      address: GATEWAY,
      within: (name) => networks.within(name),
    });
  });
  afterAll(async () => {
    await cluster?.close();
    networks?.remove();
    repo?.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  const homeOf = async (worker: WorkerHandle) => (await worker.up(1, 40_000))[0]?.hostName ?? "";

  const programs = (worker: WorkerHandle) => cluster.programs(worker.name).length;

  test("available: runs on there and elsewhere too, until the cut heals: then exactly N again", async () => {
    const worker = await cluster.createWorker({
      name: "cut",
      repo: repo.path,
      startCommand: "exec sleep 1000",
    });
    await worker.deployEnded(1);
    const home = await homeOf(worker);
    const [pid] = cluster.programs("cut") as [number];
    networks.cut(home);
    const cutAt = performance.now();
    await waitUntil(
      { what: "a successor", withinMs: 30_000, everyMs: 20 },
      () => programs(worker) === 2,
    );
    const tookMs = performance.now() - cutAt;
    console.log(
      `cut off silently: a successor ran after ${Math.round(tookMs)} ms (lost after ${LOST_MS})`,
    );
    expect(tookMs).toBeLessThan(LOST_MS + 3_000);
    expect(cluster.programs("cut")).toContain(pid);
    networks.mend(home);
    await cluster.online([home], 30_000);
    await waitUntil({ what: "one alone", withinMs: 30_000 }, () => programs(worker) === 1);
    expect(cluster.programs("cut")).not.toContain(pid);
    expect((await worker.up(1)).map((one) => one.generation)).toEqual([2]);
    await worker.delete();
  });

  test("exclusive: is fenced by its keeper before another starts, through cuts long and short", async () => {
    const ticks = join(directory, "cuts");
    const worker = await cluster.createWorker({
      name: "cut-once",
      repo: repo.path,
      mode: "exclusive",
      startCommand: "exec node tick.mjs",
      env: { TICKS: ticks, STUBBORN: "1" },
    });
    await worker.deployEnded(1);
    const generation = async () => (await worker.up(1, 60_000))[0]?.generation ?? 0;
    for (const cutMs of [1_000, 3_000, 4_600, 5_200, 6_500]) {
      const home = await homeOf(worker);
      networks.cut(home);
      await new Promise((later) => setTimeout(later, cutMs));
      networks.mend(home);
      await cluster.online([home], 30_000);
      await generation();
    }
    const home = await homeOf(worker);
    const before = await generation();
    networks.cut(home);
    await waitUntil({ what: "a successor", withinMs: 40_000 }, () => {
      return runsOf(ticks).some((run) => run.generation > before);
    });
    networks.mend(home);
    await cluster.online([home], 30_000);
    await generation();
    const runs = runsOf(ticks);
    const instances = new Set(runs.map((one) => one.generation)).size;
    console.log(
      `exclusive through 6 cuts: ${runs.length} processes of ${instances} instances, no two at once`,
    );
    expect(instances).toBeGreaterThanOrEqual(2);
    expect(overlaps(runs)).toEqual([]);
    await worker.delete();
  });

  test("two of three at once: replacement freezes, and nothing is doubled", async () => {
    const worker = await cluster.createWorker({
      name: "frozen",
      repo: repo.path,
      instances: 3,
      startCommand: "exec sleep 1000",
    });
    await worker.deployEnded(1);
    await worker.up(3, 30_000);
    const pids = cluster.programs("frozen").sort();
    for (const name of ["web-1", "web-2"]) networks.cut(name);
    await waitUntil({ what: "the freeze to be told", withinMs: 30_000 }, async () => {
      return (await worker.events()).some((one) => one.kind === "replacement_frozen");
    });
    await new Promise((later) => setTimeout(later, LOST_MS));
    expect(cluster.programs("frozen").sort()).toEqual(pids);
    for (const name of ["web-1", "web-2"]) networks.mend(name);
    await cluster.online(names, 40_000);
    await worker.up(3, 40_000);
    expect(cluster.programs("frozen").sort()).toEqual(pids);
    await worker.delete();
  });
});
