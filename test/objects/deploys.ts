// What people ask for in tests of objects, and the wait for what comes of it.
import type { DeployInput } from "../../src/rpc.ts";
import { freshId, type TestWorker, until } from "./support.ts";

/** A deploy of the branch, unless `more` says otherwise. */
export const wish = (more: Partial<DeployInput> = {}): DeployInput => ({
  deployId: freshId("deploy"),
  kind: "deploy",
  ref: null,
  env: null,
  git: null,
  actor: "me",
  ...more,
});

export async function ended(worker: TestWorker, number: number) {
  return until(async () => {
    const found = await worker.rpc.deployByNumber(number);
    return found?.endedAt ? found : null;
  }, `deploy ${number} to end`);
}
