// The usual beginning: one host online, one worker live on it.
import type { WorkerSpec } from "../../protocol/spec.ts";
import { type TestAgentWorker, TestHost } from "./fake-host.ts";
import { makeProject, TestWorker } from "./support.ts";

/** One host online, one worker of so many instances live on it. */
export async function makeLive(instances: number, spec: Partial<WorkerSpec> = {}) {
  const projectId = await makeProject();
  const host = await TestHost.online(projectId, Math.max(10, instances * 2));
  const worker = new TestWorker(projectId, { instances, ...spec });
  await worker.apply();
  await worker.runs(instances);
  const agent = await host.of(worker);
  return { projectId, host, worker, agent };
}

export async function liveWithInstance() {
  const live = await makeLive(1);
  const [instanceId] = [...live.agent.instances.keys()] as [string];
  return { ...live, instanceId };
}

export async function acked(agent: TestAgentWorker, n: number) {
  return agent.channel!.nth("frame_ack", n);
}
