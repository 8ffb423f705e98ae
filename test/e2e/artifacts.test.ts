// Built once, run everywhere: the second host downloads what the first one built, and what was damaged on the way or on
// the disk is noticed before a program starts from it.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster, QUICK_POLICY } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";

const MIB = 1_048_576;
/** Larger than a part of the store, and not to be compressed. */
const BUILD = "date +%s%N > stamp && head -c 7000000 /dev/urandom > data";
const START = "echo made $(cat stamp) $(wc -c < data); exec sleep 1000";

let cluster: Cluster;
let repo: TestRepo;

beforeAll(async () => {
  repo = new TestRepo({ "a.txt": "a" });
  cluster = await Cluster.start({
    hosts: 2,
    policy: {
      ...QUICK_POLICY,
      rollout: { ...QUICK_POLICY.rollout, startDeadlineMs: 7_000 },
      artifacts: { multipartBytes: MIB, partBytes: 5 * MIB, tries: 2 },
    },
  });
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

function makeWorker(name: string): Promise<WorkerHandle> {
  const commands = { buildCommand: BUILD, startCommand: START };
  return cluster.createWorker({ name, repo: repo.path, ...commands, instances: 2 });
}

/** The directories of that commit's releases on the host. */
function releasesOf(host: string, commit: string): string[] {
  const root = join(cluster.host(host).paths.host, "releases");
  return readdirSync(root)
    .map((key) => join(root, key))
    .filter((dir) => existsSync(join(dir, "release.json")))
    .filter((dir) => readFileSync(join(dir, "release.json"), "utf8").includes(commit));
}

function agentLog(host: string): string {
  return readFileSync(cluster.host(host).agent.spec.logFile, "utf8");
}

/** The store's large files, as workerd keeps them on the disk. */
function blobs(): string[] {
  const store = join(cluster.paths.controlPlane, "r2");
  return readdirSync(store, { recursive: true, encoding: "utf8" })
    .map((name) => join(store, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size > MIB);
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

test("the second host downloads what the first one built, and both run the same", async () => {
  const worker = await makeWorker("once");
  const deploy = await worker.deployEnded(1);
  expect(deploy.status).toBe("live");
  expect(deploy.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "resolve done",
    "fetch done",
    "build done",
    "pack done",
    "upload done",
  ]);
  const instances = await worker.up(2);
  expect(new Set(instances.map((one) => one.hostName)).size).toBe(2);
  await waitUntil({ what: "both lines", withinMs: 10_000 }, async () => {
    return (await worker.logs()).filter(({ text }) => text.startsWith("made ")).length >= 2;
  });
  const lines = (await worker.logs()).filter(({ text }) => text.startsWith("made "));
  expect(new Set(lines.map(({ text }) => text)).size).toBe(1);
  expect(lines[0]?.text).toMatch(/^made \d+ 7000000$/);
  const logs = ["web-1", "web-2"].map(agentLog).join("\n");
  expect(logs.match(/ build ended /g)).toHaveLength(1);
  expect(logs.match(/ release downloaded /g)).toHaveLength(1);
  await worker.delete();
});

test("a release damaged on the disk is noticed before it starts again, and fetched anew", async () => {
  const worker = await makeWorker("damaged");
  await worker.deployEnded(1);
  const commit = repo.head();
  repo.commit({ "b.txt": "b" }, "Second");
  const second = await worker.deploy();
  expect((await worker.deployEnded(second.number)).status).toBe("live");
  // Not in use any more: one byte of it changes on both hosts.
  const damaged = ["web-1", "web-2"].flatMap((host) =>
    releasesOf(host, commit).map((dir) => join(dir, "tree/data")),
  );
  expect(damaged).toHaveLength(2);
  for (const path of damaged) flip(path, 5_000_000);
  const spoiled = damaged.map((path) => readFileSync(path));
  const third = await worker.deploy(commit);
  expect((await worker.deployEnded(third.number)).status).toBe("live");
  await worker.up(2);
  const logs = ["web-1", "web-2"].map(agentLog).join("\n");
  expect(logs).toMatch(/release damaged on the disk .*path=data/);
  for (const [at, path] of damaged.entries())
    expect(existsSync(path) && readFileSync(path).equals(spoiled[at]!)).toBe(false);
  await worker.delete();
});

test("an artifact that was damaged in the store is refused, said so, and fetched again once it is whole", async () => {
  repo.commit({ "c.txt": "c" }, "Third");
  const before = new Set(blobs());
  const worker = await cluster.createWorker({
    name: "spoiled",
    repo: repo.path,
    ...{ buildCommand: BUILD, startCommand: START, instances: 1 },
  });
  await worker.deployEnded(1);
  const [blob = ""] = blobs().filter((path) => !before.has(path));
  const [standing] = await worker.up(1);
  flip(blob, 1_000_000);
  const other = standing?.hostName === "web-1" ? "web-2" : "web-1";
  for (const dir of releasesOf(other, repo.head())) rmSync(dir, { recursive: true });
  await worker.patch({ instances: 2 });
  const waiting = await waitUntil(
    { what: "its reason", withinMs: 15_000 },
    async () => (await worker.instances()).find(({ detail }) => detail?.includes("digest")) ?? null,
  );
  expect(waiting).toMatchObject({ state: "starting", hostName: other });
  expect(waiting?.detail).toContain("does not have the digest");
  flip(blob, 1_000_000);
  const both = await worker.up(2, 20_000);
  expect(both[0]?.pid).toBe(standing?.pid);
  await worker.delete();
});
