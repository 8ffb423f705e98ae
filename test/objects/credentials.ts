// What opens a private repository, as services give it to a worker's object with a deploy: sealed.
import type { ProjectId, WorkerId } from "../../protocol/ids.ts";
import { makeWrappedKey, openDataKey } from "../../src/db/envelope.ts";
import { sealCredential } from "../../src/db/git-credentials.ts";
import type { SealedCredential } from "../../src/rpc.ts";
import { realEnv } from "./support.ts";

export const CREDENTIAL = { kind: "token", username: "x", token: "planted-secret" } as const;

export async function sealedCredential(
  projectId: ProjectId,
  workerId: WorkerId,
  repo: string,
): Promise<SealedCredential> {
  const place = { masterKey: realEnv.COPPICE_MASTER_KEY, projectId };
  const wrappedKey = await makeWrappedKey(place);
  const dataKey = await openDataKey(wrappedKey, place);
  const at = { projectId, workerId, version: 1, repo };
  return { version: 1, wrappedKey, ...(await sealCredential(dataKey, at, CREDENTIAL)) };
}
