// One deploy by its number.
import type { DeployView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { askWorker } from "../reach.ts";

export async function getDeploy(
  { call, worker }: Admitted<"workers.read">,
  number: number,
): Promise<DeployView> {
  const deploy = await askWorker(call, worker.row.id, (stub) => stub.deployByNumber(number));
  if (!deploy) throw absent("deploy");
  return deploy;
}
