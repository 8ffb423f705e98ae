// The sample worker: created once through the public API, from this very checkout as a git repository.
import type { DeployView, InstanceView, WorkerView } from "../../protocol/rest.ts";
import { type Api, ApiError } from "./api.ts";
import type { Checkout } from "./preflight.ts";

export const DEMO_NAME = "queue";
export const DEMO_FOLDER = "examples/queue";

function workersPath(projectId: string): string {
  return `/v1/projects/${projectId}/workers`;
}

export function demoPath(projectId: string): string {
  return `${workersPath(projectId)}/${DEMO_NAME}`;
}

/** The worker as it is, or null. */
export async function findDemo(api: Api, projectId: string): Promise<WorkerView | null> {
  try {
    return await api.json<WorkerView>(demoPath(projectId));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** With a detached HEAD there is no branch to follow: the commit itself is deployed. */
export async function createDemo(api: Api, projectId: string, checkout: Checkout): Promise<void> {
  await api.json<WorkerView>(workersPath(projectId), {
    method: "POST",
    body: {
      name: DEMO_NAME,
      repo: checkout.repo,
      branch: checkout.branch ?? "main",
      rootDir: DEMO_FOLDER,
      startCommand: "node worker.mjs",
      instances: 1,
      stopGraceMs: 5_000,
      deploy: checkout.branch !== null,
    },
  });
  if (checkout.branch === null) {
    await api.json<DeployView>(`${demoPath(projectId)}/deploys`, {
      method: "POST",
      body: { ref: checkout.commit },
    });
  }
}

/** Pid of the sample's first running process. */
export async function demoPid(api: Api, projectId: string): Promise<number | null> {
  const { items } = await api.json<{ items: InstanceView[] }>(`${demoPath(projectId)}/instances`);
  const live = items.find(
    (instance) => instance.state === "running" || instance.state === "healthy",
  );
  return live?.pid ?? null;
}
