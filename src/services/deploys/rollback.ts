// Brings back what an older release was: its files, its commands and its variables, without a build.
import type { CreateRollback, DeployView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { askWorker } from "../reach.ts";
import { type Seed, seededId } from "../seed.ts";
import { refused } from "./start.ts";

/** Throws `unavailable`, `not_found` or `conflict`, the latter two in the object's own words. */
export async function rollBack(
  { call, worker, actor }: Admitted<"deploys.rollback">,
  { release }: CreateRollback,
  seed: Seed,
): Promise<DeployView> {
  const deployId = seededId(seed, "deploy", 0);
  const wish = { deployId, release: release ?? null, actor: actor.name };
  const answer = await askWorker(call, worker.row.id, (stub) => stub.rollback(wish));
  if (!answer.ok) throw refused(answer);
  return answer.deploy;
}
