// Ends a deploy that is under way; the release that was live stays.
import type { DeployView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { askWorker } from "../reach.ts";
import { refused } from "./start.ts";

export async function cancelDeploy(
  { call, worker, actor }: Admitted<"deploys.cancel">,
  number: number,
): Promise<DeployView> {
  const answer = await askWorker(call, worker.row.id, (stub) =>
    stub.cancelDeploy({ number, actor: actor.name }),
  );
  if (!answer.ok) throw refused(answer);
  return answer.deploy;
}
