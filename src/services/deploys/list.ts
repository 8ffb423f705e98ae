// The deploys of a worker, newest first.
import type { DeployView, PageQuery } from "../../../protocol/rest.ts";
import type { Page } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { askWorker } from "../reach.ts";
import { pageInput } from "../workers/watch.ts";

export async function listDeploys(
  { call, worker }: Admitted<"workers.read">,
  page: PageQuery,
): Promise<Page<DeployView>> {
  const input = pageInput(page);
  return askWorker(call, worker.row.id, (stub) => stub.deploys(input));
}
