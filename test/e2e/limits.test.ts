// A limit from the API to the kernel and back: who takes too much memory is killed for it and named so, nobody else.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";

let cluster: Cluster;
let repo: TestRepo;

beforeAll(async () => {
  repo = new TestRepo({
    "hog.mjs": "const held = []; setInterval(() => held.push(Buffer.alloc(4_194_304, 1)), 5);\n",
  });
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

test("a memory hog is killed for its limit and named so; its neighbour is not touched", async () => {
  const calm = await cluster.createWorker({
    name: "calm",
    repo: repo.path,
    startCommand: "exec sleep 1000",
  });
  const [pid] = await calm.pids(1);
  const hog = await cluster.createWorker({
    name: "hog",
    repo: repo.path,
    startCommand: "exec node hog.mjs",
    memoryBytes: 209_715_200,
  });
  const [crash] = await hog.crashed(1, 20_000);
  expect(crash).toMatchObject({ oom: true, signal: "SIGKILL", reason: "crash" });
  expect(crash?.detail).toContain("Killed for memory: limit 200 MB.");
  expect(await calm.pids(1)).toEqual([pid]);
  expect(await calm.crashes()).toEqual([]);
});
