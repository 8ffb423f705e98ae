// Control plane, agent or keeper is killed at each stage of a deploy: it ends live, failed or reverted, it is never stuck,
// its predeploy command runs once at most, and as many instances as are wanted run in the end.
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeployView } from "../../protocol/rest.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster, QUICK_POLICY } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";

const N = 4;
const ENDS = ["live", "failed", "reverted"];
const STAGES = ["building", "predeploy", "rolling_out"] as const;
const VICTIMS = ["control plane", "agents", "keepers"] as const;

let cluster: Cluster;
let repo: TestRepo;
let worker: WorkerHandle;
let commits = 0;

beforeAll(async () => {
  repo = new TestRepo({ "a.txt": "a" });
  const rollout = { ...QUICK_POLICY.rollout, predeployDeadlineMs: 20_000 };
  cluster = await Cluster.start({ policy: { ...QUICK_POLICY, rollout }, hosts: 2 });
  worker = await cluster.createWorker({
    ...{ name: "killed", repo: repo.path, startCommand: "exec sleep 1000", instances: N },
    buildCommand: "sleep 1; date +%s%N > built-at",
  });
  await worker.deployEnded(1);
  const predeployCommand = `echo $COPPICE_RELEASE >> ${repo.path}/ran; sleep 1`;
  await worker.patch({ predeployCommand });
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

async function kill(victim: (typeof VICTIMS)[number]): Promise<void> {
  if (victim === "control plane") await cluster.controlPlane.kill("SIGKILL");
  else {
    const part = victim === "agents" ? "agent" : "keeper";
    await Promise.all(cluster.hosts.map((host) => host[part].kill("SIGKILL")));
  }
}

const find = async (number: number) =>
  (await worker.deploys().catch(() => [])).find((one) => one.number === number);

describe.each(STAGES)("while a deploy is %s", (stage) => {
  test.each(VICTIMS)("the %s die", async (victim) => {
    const before = await worker.pids(N);
    // A commit of its own: what was built before is not built again.
    repo.commit({ "a.txt": `${++commits}` }, `Commit ${commits}`);
    const { number } = await worker.deploy();
    await waitUntil({ what: `the stage ${stage}`, withinMs: 30_000, everyMs: 20 }, async () => {
      return (await find(number))?.status === stage;
    });
    await kill(victim);
    await cluster.healthy(60_000);
    const ended: DeployView = await waitUntil(
      { what: `deploy ${number} to end`, withinMs: 90_000, everyMs: 100 },
      async () => {
        const found = await find(number);
        return found?.endedAt ? found : null;
      },
    );
    console.log(`${victim} killed while ${stage}: ${ended.status} ${ended.reason ?? ""}`);
    expect(ENDS).toContain(ended.status);
    const ran = existsSync(`${repo.path}/ran`)
      ? readFileSync(`${repo.path}/ran`, "utf8").trim().split("\n")
      : [];
    expect(new Set(ran).size).toBe(ran.length);
    const after = await worker.up(N, 60_000);
    const { release } = await worker.view();
    expect(after.every((one) => one.release === release)).toBe(true);
    // Half a rollout that is reverted has replaced something; what failed before it has not.
    if (ended.status === "failed") expect(after.map((one) => one.pid)).toEqual(before);
  });
});
