// The predeploy command through the real object: once, on one host, before the rollout, and with its words where it fails.
import { beforeAll, describe, expect, it } from "vitest";
import type { ObservedJob } from "../../protocol/channel.ts";
import { ended, wish } from "./deploys.ts";
import { type frameOf, TestHost } from "./fake-host.ts";
import { makeLive } from "./live.ts";
import { freshId, makeProject, prepareD1, TestWorker, until } from "./support.ts";

beforeAll(prepareD1);

const WITH = { predeployCommand: "node migrate.js" };

async function inPredeploy(worker: TestWorker, number: number) {
  return until(async () => {
    const found = await worker.rpc.deployByNumber(number);
    return found?.status === "predeploy" ? found : null;
  }, `deploy ${number} to run its predeploy command`);
}

describe("a predeploy command", () => {
  it("runs once, with the new release, and its host lets go of it", async () => {
    const { worker, agent, host } = await makeLive(2, WITH);
    const first = await worker.rpc.deployByNumber(1);
    expect(first).toMatchObject({ status: "live" });
    expect(first?.steps.at(-1)).toMatchObject({
      ...{ name: "predeploy", state: "done", durationMs: 5 },
    });
    expect(agent.begun).toEqual([`${first?.id}-predeploy`]);
    await until(() => agent.jobs.size === 0, "the host to be told that it may forget it");
    await until(async () => (await host.rpc.overview())?.used === 2, "two slots in use");
    expect((await worker.rpc.instances()).map((one) => one.generation)).toEqual([2, 3]);
    expect(await worker.systemTexts()).toContain("deploy 1: running the predeploy command of v1");
    await worker.rpc.deploy(wish({ kind: "restart" }));
    await ended(worker, 2);
    expect(agent.begun).toHaveLength(1);
  });

  it("that fails leaves the live release alone and says its last words", async () => {
    const { worker, agent, host } = await makeLive(1);
    const before = await worker.rpc.instances();
    await worker.apply(WITH);
    host.jobEnd = 7;
    await worker.rpc.deploy(wish());
    expect(await ended(worker, 2)).toMatchObject({
      ...{ status: "failed", release: 2, tail: ["migrating"] },
      reason: "the predeploy command ended with exit code 7: migrating",
    });
    expect((await worker.rpc.deployByNumber(2))?.steps.at(-1)).toMatchObject({ state: "failed" });
    expect((await worker.rpc.instances()).map((one) => one.id)).toEqual(before.map((o) => o.id));
    await until(() => agent.jobs.size === 0, "the host to be told that it may forget it");
    const rollback = { deployId: freshId("deploy"), release: 2, actor: "me" };
    expect(await worker.rpc.rollback(rollback)).toMatchObject({ ok: false, code: "conflict" });
  });

  it("is stopped where the deploy is canceled", async () => {
    const { worker, agent, host } = await makeLive(1);
    await worker.apply(WITH);
    host.jobEnd = "runs";
    await worker.rpc.deploy(wish());
    await inPredeploy(worker, 2);
    await until(() => agent.jobs.size === 1, "the command to begin");
    await worker.rpc.cancelDeploy({ number: 2, actor: "me" });
    expect(await ended(worker, 2)).toMatchObject({ status: "canceled" });
    await until(() => agent.jobs.size === 0, "the command to be stopped and forgotten");
    await worker.runs(1);
  });

  it("whose host forgot it is not begun again", async () => {
    const { worker, agent, host } = await makeLive(1);
    await worker.apply(WITH);
    host.jobEnd = "runs";
    await worker.rpc.deploy(wish());
    const job = await until(() => agent.desired?.jobs.find((one) => one.begun), "a begun job");
    agent.jobs.clear();
    agent.report();
    agent.obey(agent.desired!);
    expect(agent.begun).toHaveLength(1);
    const outcome: NonNullable<ObservedJob["outcome"]> = {
      ...{ kind: "unknown", message: "nobody knows", tail: [] },
    };
    agent.report({
      jobs: [
        {
          ...{ jobId: job.jobId, generation: job.generation, release: job.release },
          ...{ state: "ended", pid: null, startedAt: null, detail: null, outcome },
        },
      ],
    });
    expect(await ended(worker, 2)).toMatchObject({
      status: "failed",
      reason: "whether the predeploy command was carried out is not known: nobody knows",
    });
  });

  it("on a host that is removed fails the deploy, since its end is not known", async () => {
    const projectId = await makeProject();
    const [one, other] = [await TestHost.online(projectId), await TestHost.online(projectId)];
    for (const host of [one, other]) host.jobEnd = "runs";
    const worker = new TestWorker(projectId, WITH);
    await worker.apply();
    await inPredeploy(worker, 1);
    const host = await until(
      () => [one, other].find((h) => h.workers.get(worker.id)?.begun.length),
      "a host that begins it",
    );
    const told = { hostId: host.id, epoch: host.epoch, lastHeardAt: Date.now(), removed: true };
    await worker.rpc.hostLost(told);
    expect(await ended(worker, 1)).toMatchObject({ status: "failed" });
    expect((await worker.rpc.deployByNumber(1))?.reason).toContain("not known");
    const rest = [one, other].flatMap((h) => h.workers.get(worker.id)?.begun ?? []);
    expect(rest).toHaveLength(1);
  });

  it("is not given to an agent that does not know of it, and that is said", async () => {
    const projectId = await makeProject();
    const host = await TestHost.online(projectId);
    host.protocol = 2;
    const worker = new TestWorker(projectId, WITH);
    await worker.apply();
    expect((await ended(worker, 1)).reason).toMatch(/the agent on host-.* is too old/);
  });

  it("has its output in the log of the deploy, behind the build's, and not in the worker's", async () => {
    const { worker, agent, host } = await makeLive(1);
    await worker.apply(WITH);
    host.jobEnd = "runs";
    await worker.rpc.deploy(wish());
    const { id } = await inPredeploy(worker, 2);
    const jobId = await until(() => agent.begun[0], "the command to begin");
    const send = (text: string, header: Parameters<typeof frameOf>[1]) =>
      agent.sendFrame(text, header);
    send("added 12 packages\n", { instanceId: id, start: 0, stream: "build", last: true });
    send("migrating\n", { instanceId: jobId, start: 0, stream: "stdout" });
    const read = () => worker.rpc.buildLog({ number: 2, cursor: null, limit: 100, attend: false });
    await until(async () => ((await read())?.lines.length ?? 0) === 2, "both lines");
    expect(await read()).toMatchObject({ building: true, complete: false, status: "predeploy" });
    send("done\n", { instanceId: jobId, start: 10, stream: "stdout", last: true });
    agent.endJob(jobId, {
      ...{ kind: "exited", exitCode: 0, signal: null, oom: false, uptimeMs: 9, tail: [] },
    });
    agent.report();
    await ended(worker, 2);
    const page = await read();
    expect(page?.lines.map((line) => line.text)).toEqual([
      ...["added 12 packages", "migrating", "done"],
    ]);
    expect(page?.complete).toBe(true);
    const { lines } = await worker.logs();
    expect(lines.map((line) => line.text)).not.toContain("migrating");
  });
});
