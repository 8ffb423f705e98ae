// Exactly so many processes as were asked for, each in its slot; stopping, starting, restarting, deleting;
// and a control plane that is taken away and comes back.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";

let cluster: Cluster;
let repo: TestRepo;

beforeAll(async () => {
  repo = new TestRepo({ "README.md": "nothing to build\n" });
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

/** Waits for exactly `count` processes and sees that it stays so for a moment. */
async function exactly(worker: WorkerHandle, count: number): Promise<Map<number, number>> {
  const instances = await worker.up(count);
  await waitUntil({ what: `${count} processes of ${worker.name}`, withinMs: 5_000 }, () => {
    return cluster.programs(worker.name).length === count;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const slots = new Map(instances.map((one) => [one.slot, one.pid ?? 0]));
  expect(cluster.programs(worker.name).sort()).toEqual([...slots.values()].sort());
  expect([...slots.keys()]).toEqual(Array.from({ length: count }, (_, slot) => slot));
  return slots;
}

describe("the number of processes", () => {
  test("is 5, then 2, then 0, then 3, exactly; the slots that stay keep their process", async () => {
    const worker = await cluster.createWorker({
      name: "scaled",
      repo: repo.path,
      startCommand: "exec sleep 1000",
      instances: 5,
    });
    const five = await exactly(worker, 5);
    await worker.patch({ instances: 2 });
    const two = await exactly(worker, 2);
    expect(two.get(0)).toBe(five.get(0));
    expect(two.get(1)).toBe(five.get(1));
    await worker.patch({ instances: 0 });
    await exactly(worker, 0);
    await worker.patch({ instances: 3 });
    const three = await exactly(worker, 3);
    expect(three.size).toBe(3);
    expect(await worker.crashes()).toEqual([]);
    await worker.delete();
    await waitUntil({ what: "no process", withinMs: 10_000 }, () => {
      return cluster.programs(worker.name).length === 0;
    });
  });
});

describe("what a person may ask of a worker", () => {
  test("restart replaces every process, stop ends them, start brings them back, delete ends all for good", async () => {
    const worker = await cluster.createWorker({
      name: "handled",
      repo: repo.path,
      startCommand: "exec sleep 1000",
      instances: 2,
    });
    const first = await exactly(worker, 2);
    await worker.deployEnded(1);
    await worker.post("restart");
    await worker.deployEnded(2);
    const second = await exactly(worker, 2);
    for (const [slot, pid] of second) expect(pid).not.toBe(first.get(slot));

    await worker.post("stop");
    await worker.status("stopped");
    await exactly(worker, 0);
    await worker.post("start");
    await worker.status("running");
    await exactly(worker, 2);
    expect(await worker.crashes()).toEqual([]);

    await worker.delete();
    await waitUntil({ what: "no process", withinMs: 10_000 }, () => {
      return cluster.programs(worker.name).length === 0;
    });
    const answer = await cluster.api.fetch(worker.path);
    expect(answer.status).toBe(404);
  });
});

describe("a control plane that stops and starts again", () => {
  test("stops no program, knows what it knew, and takes new wishes", async () => {
    const worker = await cluster.createWorker({
      name: "patient",
      repo: repo.path,
      startCommand: "exec sleep 1000",
      instances: 2,
    });
    const before = await exactly(worker, 2);
    await worker.deployEnded(1);
    const view = await worker.view();
    await cluster.controlPlane.kill("SIGTERM");
    await waitUntil({ what: "a new control plane", withinMs: 10_000 }, () => {
      return cluster.controlPlane.starts > 1 && cluster.controlPlane.pid !== null;
    });
    await cluster.healthy();
    expect(await exactly(worker, 2)).toEqual(before);
    const { id, specVersion, release } = await worker.view();
    expect({ id, specVersion, release }).toEqual({
      id: view.id,
      specVersion: view.specVersion,
      release: view.release,
    });
    await worker.patch({ instances: 3 });
    const after = await exactly(worker, 3);
    expect(after.get(0)).toBe(before.get(0));
    await worker.delete();
  });
});
