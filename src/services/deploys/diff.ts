// What would be different with another release.
import type { ReleaseDiffView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { askWorker } from "../reach.ts";
import { refused } from "./start.ts";

export async function diffReleases(
  { call, worker }: Admitted<"workers.read">,
  sides: { readonly to: number; readonly against: number | null },
): Promise<ReleaseDiffView> {
  const answer = await askWorker(call, worker.row.id, (stub) => stub.releaseDiff(sides));
  if (!answer.ok) throw refused(answer);
  return answer.diff;
}
