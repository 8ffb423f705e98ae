// Rolling over on two hosts: never too few, never too many where that is asked for, poison refused, predeploy once, and back.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeployView, ReleaseDiffView } from "../../protocol/rest.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster, QUICK_POLICY } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";

const N = 4;
const STEADY = "exec sleep 1000";
/** Takes its time to end, like a program that finishes its work. */
const SLOW_END = "trap 'sleep 0.3; exit 0' TERM; while :; do sleep 0.05; done";
const PREDEPLOY_MS = 6_000;

let cluster: Cluster;
let repo: TestRepo;
let worker: WorkerHandle;
let pids: number[];

beforeAll(async () => {
  repo = new TestRepo({ "a.txt": "a" });
  const rollout = { ...QUICK_POLICY.rollout, predeployDeadlineMs: PREDEPLOY_MS };
  cluster = await Cluster.start({ policy: { ...QUICK_POLICY, rollout }, hosts: 2 });
  worker = await cluster.createWorker({
    ...{ name: "rolling", repo: repo.path, startCommand: STEADY, instances: N },
    env: { LEVEL: "one" },
  });
  await worker.up(N);
  await worker.deployEnded(1);
});
beforeEach(async () => {
  pids = await worker.pids(N);
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

/** Instances that have a process now, whatever the control plane knows of them. */
function alive(): number {
  const ids = cluster.programs("rolling").map((pid) => cluster.variable(pid, "COPPICE_INSTANCE"));
  return new Set(ids.filter((id) => id !== null)).size;
}

/** Looks all the time until the deploy has ended. */
async function watch(deploy: DeployView, look: () => void | Promise<void>): Promise<DeployView> {
  let ended: DeployView | null = null;
  const end = worker.deployEnded(deploy.number).then((one) => {
    ended = one;
  });
  while (ended === null) {
    await look();
    await new Promise((later) => setTimeout(later, 5));
  }
  await end;
  return ended;
}

describe("four instances on two hosts", () => {
  test("start-first: never under four healthy", async () => {
    expect(new Set((await worker.instances()).map((one) => one.hostName)).size).toBe(2);
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    const look = async () => {
      const all = await worker.instances();
      const healthy = new Set(all.filter((one) => one.state === "healthy").map((one) => one.slot));
      least = Math.min(least, healthy.size, alive());
      most = Math.max(most, all.length);
    };
    expect((await watch(await worker.deploy(), look)).status).toBe("live");
    expect(least).toBeGreaterThanOrEqual(N);
    expect(most).toBeLessThanOrEqual(N + 2);
    const after = await worker.pids(N);
    expect(after.some((pid) => pids.includes(pid))).toBe(false);
  });

  test("stop-first: never over four, and never under three", async () => {
    await worker.patch({ rollout: "stop-first", startCommand: SLOW_END });
    // The first of them still replaces what starts first.
    await worker.deployEnded((await worker.deploy()).number);
    await worker.up(N);
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    const look = () => {
      const now = alive();
      [least, most] = [Math.min(least, now), Math.max(most, now)];
    };
    expect((await watch(await worker.deploy(), look)).status).toBe("live");
    expect([least, most]).toEqual([N - 1, N]);
    await worker.patch({ rollout: "start-first", startCommand: STEADY });
    await worker.deployEnded((await worker.deploy()).number);
  });

  test.each([
    ["crashes at its start", "echo no database >&2; exit 1", "no database"],
    ["crashes before it has soaked", "echo up; sleep 0.3; echo lost it; exit 2", "lost it"],
    ["ends at once, and well", "echo nothing to do", "nothing to do"],
  ])(
    "a release that %s is reverted with its last words, and nothing else moves",
    async (_, startCommand, says) => {
      await worker.patch({ startCommand });
      const live = (await worker.view()).release;
      const begun = Date.now();
      const deploy = await worker.deploy();
      const ended = await worker.deployEnded(deploy.number);
      expect(Date.now() - begun).toBeLessThan(15_000);
      expect(ended).toMatchObject({ status: "reverted" });
      expect(ended.reason).toContain("crashed 3 times");
      expect(ended.tail).toContain(says);
      expect(await worker.pids(N)).toEqual(pids);
      expect((await worker.view()).release).toBe(live);
      await worker.patch({ startCommand: STEADY });
    },
  );
});

describe("a predeploy command", () => {
  const ran = () => readFileSync(`${repo.path}/ran`, "utf8").trim().split("\n");
  const deployWith = async (predeployCommand: string) => {
    await worker.patch({ predeployCommand });
    return worker.deploy();
  };
  const log = (number: number) =>
    cluster.api.lines<{ text: string }>(`${worker.path}/deploys/${number}/log?limit=1000`);

  test("runs once before the rollout, in the new release's world, and its output is in the deploy's log", async () => {
    const command = `echo "$COPPICE_RELEASE $LEVEL $COPPICE_JOB $(pwd)" >> ${repo.path}/ran; echo migrated; test -f a.txt`;
    const deploy = await deployWith(command);
    const ended = await worker.deployEnded(deploy.number);
    expect(ended.status).toBe("live");
    expect(ended.steps.at(-1)).toMatchObject({ name: "predeploy", state: "done" });
    expect(ran()).toHaveLength(1);
    expect(ran()[0]).toMatch(new RegExp(`^${ended.release} one predeploy /.*/tree$`));
    await waitUntil({ what: "the line in the log", withinMs: 5_000 }, async () =>
      (await log(deploy.number)).some(({ text }) => text === "migrated"),
    );
    expect((await worker.logs()).some(({ text }) => text === "migrated")).toBe(false);
  });

  test("that fails, fails the deploy with its words", async () => {
    const deploy = await deployWith("echo no such table; exit 4");
    const ended = await worker.deployEnded(deploy.number);
    expect(ended).toMatchObject({
      ...{ status: "failed", tail: ["no such table"] },
      reason: "the predeploy command ended with exit code 4: no such table",
    });
    expect(await worker.pids(N)).toEqual(pids);
  });

  test("that hangs is ended at its deadline, with all that it started", async () => {
    const deploy = await deployWith("echo waiting; sleep 1000 & wait");
    const ended = await worker.deployEnded(deploy.number);
    expect(ended).toMatchObject({ status: "failed", tail: ["waiting"] });
    expect(ended.reason).toContain("did not end within 6 s: waiting");
    await waitUntil({ what: "its processes to be gone", withinMs: 5_000 }, () => alive() === N);
    expect(await worker.pids(N)).toEqual(pids);
  });

  test("outlives its agent, and has run once", async () => {
    const command = `echo once >> ${repo.path}/survived; sleep 1.5; echo went on`;
    const deploy = await deployWith(command);
    const file = () => readFileSync(`${repo.path}/survived`, "utf8");
    await waitUntil({ what: "it to run", withinMs: 10_000 }, () => {
      try {
        return file() === "once\n";
      } catch {
        return false;
      }
    });
    await Promise.all(cluster.hosts.map(({ agent }) => agent.kill("SIGKILL")));
    expect((await worker.deployEnded(deploy.number)).status).toBe("live");
    expect(file()).toBe("once\n");
    await worker.patch({ predeployCommand: null });
  });
});

test("a rollback under load brings back commands and variables at once, without a build", async () => {
  await worker.changeEnv({ set: { LEVEL: "two", EXTRA: "x" } });
  await worker.patch({ startCommand: "while :; do echo busy; done & exec sleep 1000" });
  const before = (await worker.view()).release;
  await worker.deployEnded((await worker.deploy()).number);
  const [busy = 0] = await worker.pids(N);
  expect(cluster.variable(busy, "LEVEL")).toBe("two");
  const diff = await cluster.api.json<ReleaseDiffView>(`${worker.path}/releases/${before}/diff`);
  expect(diff).toMatchObject({
    fields: expect.arrayContaining([
      expect.objectContaining({ field: "startCommand", to: STEADY }),
    ]),
    env: { added: [], removed: [{ name: "EXTRA" }], changed: [{ name: "LEVEL" }] },
  });
  const begun = Date.now();
  const rollback = await worker.post<DeployView>("rollbacks");
  const ended = await worker.deployEnded(rollback.number);
  expect(ended).toMatchObject({ status: "live", kind: "rollback", restores: before, steps: [] });
  expect(Date.now() - begun).toBeLessThan(10_000);
  for (const pid of await worker.pids(N)) {
    expect(cluster.variable(pid, "LEVEL")).toBe("one");
    expect(cluster.variable(pid, "EXTRA")).toBeNull();
  }
});
