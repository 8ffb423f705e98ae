// Replaces all instances of the live release, one after the other.
import type { DeployView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { type Seed, seededId } from "../seed.ts";
import { startDeploy } from "./start.ts";

export function restartWorker(
  admitted: Admitted<"workers.restart">,
  seed: Seed,
): Promise<DeployView> {
  return startDeploy(admitted, {
    deployId: seededId(seed, "deploy", 0),
    kind: "restart",
    ref: null,
    env: null,
    actor: admitted.actor.name,
  });
}
