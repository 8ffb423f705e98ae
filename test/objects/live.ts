// The usual beginning: one host online, one worker live on it.
import type { WorkerSpec } from "../../protocol/spec.ts";
import { TestHost } from "./fake-host.ts";
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
