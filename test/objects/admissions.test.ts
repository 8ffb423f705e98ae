// Between a host's admission and the worker's commit, and between that and the host's confirmation: hosts go.
import { beforeAll, describe, expect, it } from "vitest";
import { ended, wish } from "./deploys.ts";
import { TestHost } from "./fake-host.ts";
import { ahead, between } from "./faults.ts";
import { makeLive } from "./live.ts";
import { makeProject, prepareD1, TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

const WITH = { predeployCommand: "node migrate.js" };
const BUILD = /^dep_[0-9a-f]+$/;
const JOB = /-predeploy$/;
const builder = (worker: TestWorker, number: number) =>
  worker.inside(({ parts }) => parts.deploys.byNumber(number)?.buildHostId ?? null);

/** One live, two hosts, and the one that runs it is removed once it admitted one of those. */
async function removedMeanwhile(keys: RegExp) {
  const { host, projectId, worker } = await makeLive(1, WITH);
  const spare = await TestHost.online(projectId);
  await between(worker, {
    keys,
    reserve: async (hostId) => {
      expect(hostId).toBe(host.id);
      await host.rpc.remove();
      await until(
        () => worker.inside(({ parts }) => parts.hosts.get(hostId)?.removed),
        "the removal to be known",
      );
    },
  });
  await worker.rpc.deploy(wish());
  return { host, spare, worker };
}

describe("a host that is removed after it admitted", () => {
  it("a build is given none: another host builds", async () => {
    const { spare, worker } = await removedMeanwhile(BUILD);
    await until(async () => (await builder(worker, 2)) === spare.id, "another builder");
    expect(await ended(worker, 2)).toMatchObject({ status: "live" });
  });

  it("a job is given none: it runs on the next host", async () => {
    const { host, spare, worker } = await removedMeanwhile(JOB);
    expect(await ended(worker, 2)).toMatchObject({ status: "live" });
    expect(spare.workers.get(worker.id)?.begun).toHaveLength(1);
    expect(host.workers.get(worker.id)?.begun).toHaveLength(1);
  });
});

describe("a host that does not know what it admitted any more when that is confirmed", () => {
  it("does not keep the build: it is placed anew", async () => {
    const projectId = await makeProject();
    await TestHost.online(projectId);
    const worker = new TestWorker(projectId);
    await between(worker, { keys: BUILD, confirm: [] });
    await worker.apply();
    await worker.runs(1);
  });

  it("does not keep the job: nobody knows whether it ran", async () => {
    const { host, worker } = await makeLive(1, WITH);
    host.jobEnd = "runs";
    await between(worker, { keys: JOB, confirm: [] });
    await worker.rpc.deploy(wish());
    const { reason, status } = await ended(worker, 2);
    expect(status).toBe("failed");
    expect(reason).toContain("is not known: its host was removed");
  });
});

describe("a host that is lost before the worker that it admitted knows it", () => {
  it("tells of the loss once more when that is confirmed", async () => {
    const projectId = await makeProject();
    const host = await TestHost.online(projectId);
    const worker = new TestWorker(projectId);
    await between(worker, {
      keys: BUILD,
      reserve: async () => {
        await ahead(host, 61_000);
        // It judges, looks around, and tells.
        for (let turn = 0; turn < 3; turn++) await host.inside((object) => object.alarm());
        const told = () =>
          host.inside(
            ({ parts }) =>
              parts.store.meta()?.status === "lost" &&
              parts.agenda.keys("census").length + parts.agenda.keys("lost").length === 0,
          );
        expect(await told()).toBe(true);
        await ahead(host, 0);
        expect(await worker.inside(({ parts }) => parts.hosts.all())).toEqual([]);
      },
    });
    await worker.apply();
    await until(
      () => worker.inside(({ parts }) => parts.hosts.get(host.id)?.silentAt),
      "the loss to be known",
    );
    const spare = await TestHost.online(projectId);
    await worker.rpc.roomFreed();
    await until(async () => (await builder(worker, 1)) === spare.id, "another builder");
  });
});
