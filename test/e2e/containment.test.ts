// What an instance started ends with it, and a program that ignores TERM ends after its grace.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostView } from "../../protocol/rest.ts";
import { commandLine, signal } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";

let cluster: Cluster;
let repo: TestRepo;

beforeAll(async () => {
  repo = new TestRepo({
    "stubborn.sh": "trap '' TERM INT HUP\nwhile :; do sleep 0.1; done\n",
    "family.sh": "sleep 1000 &\nsh -c 'sleep 1000 & wait' &\nsetsid sleep 1000 &\nwait\n",
    // Leaves session and environment behind, as a daemon does: only a cgroup still knows it.
    "daemon.sh": `setsid env -i sleep ${4_000 + process.pid} &\nexec sleep 1000\n`,
  });
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

/** The shells between differ from one /bin/sh to the next. */
function sleepers(worker: string): number[] {
  return cluster.programs(worker).filter((pid) => commandLine(pid) === "sleep 1000");
}

async function containment(): Promise<string | undefined> {
  const { items } = await cluster.api.json<{ items: HostView[] }>(`${cluster.projectPath}/hosts`);
  return items[0]?.facts?.containment;
}

describe("what an instance started", () => {
  test("is gone before the next attempt begins: children, grandchildren, and those with a session of their own", async () => {
    const worker = await cluster.createWorker({
      name: "family",
      repo: repo.path,
      startCommand: "sh family.sh",
    });
    const [leader = 0] = await worker.pids(1);
    await worker.deployEnded(1);
    const family = await waitUntil({ what: "the whole family", withinMs: 5_000 }, () => {
      return sleepers(worker.name).length === 3 ? cluster.programs(worker.name) : null;
    });
    signal(leader, "SIGKILL");
    await worker.crashed(1);
    await waitUntil({ what: "a new family without the old one", withinMs: 5_000 }, () => {
      const now = cluster.programs(worker.name);
      return sleepers(worker.name).length === 3 && !now.some((pid) => family.includes(pid));
    });
    await worker.delete();
    await waitUntil({ what: "nobody", withinMs: 10_000 }, () => {
      return cluster.programs(worker.name).length === 0;
    });
  });

  test("is gone even as a daemon without our mark (needs cgroups)", async (context) => {
    if ((await containment()) !== "cgroup") context.skip("no cgroups can be made here");
    const worker = await cluster.createWorker({
      name: "daemon",
      repo: repo.path,
      startCommand: "sh daemon.sh",
    });
    await worker.pids(1);
    const command = `sleep ${4_000 + process.pid}`;
    await waitUntil({ what: "the daemon", withinMs: 5_000 }, () => cluster.running(command) === 1);
    await worker.delete();
    await waitUntil({ what: "no daemon", withinMs: 10_000 }, () => cluster.running(command) === 0);
  });
});

describe("a program that ignores TERM", () => {
  test("is killed after its grace, not before, and that is no crash", async () => {
    const worker = await cluster.createWorker({
      name: "stubborn",
      repo: repo.path,
      startCommand: "sh stubborn.sh",
      stopGraceMs: 1_500,
    });
    await worker.pids(1);
    await worker.deployEnded(1);
    const askedAt = performance.now();
    await worker.post("stop");
    await waitUntil({ what: "no process", withinMs: 10_000, everyMs: 10 }, () => {
      return cluster.programs(worker.name).length === 0;
    });
    const tookMs = performance.now() - askedAt;
    expect(tookMs).toBeGreaterThan(1_400);
    expect(tookMs).toBeLessThan(4_500);
    expect(await worker.crashes()).toEqual([]);
    await worker.delete();
  });
});
