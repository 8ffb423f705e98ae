// Opens a project's data key, with the master key or with the one before it.
import { ProblemError } from "../../../protocol/problems.ts";
import { type KeyPlace, openDataKey } from "../../db/envelope.ts";
import type { ProjectRow } from "../../db/projects.ts";
import { type Call, logLine } from "../call.ts";

const WRONG_KEY =
  "The variables of this project do not open: the operator has to set COPPICE_MASTER_KEY to the key that they were sealed with.";

export function keyPlace({ env }: Call, projectId: string): KeyPlace {
  const { COPPICE_MASTER_KEY: masterKey, COPPICE_MASTER_KEY_PREVIOUS: previousKey } = env;
  return { masterKey, previousKey, projectId };
}

/** Throws `internal` in words for the operator where neither key opens it. */
export async function openKey(call: Call, project: ProjectRow): Promise<CryptoKey> {
  try {
    return await openDataKey(project.wrappedKey, keyPlace(call, project.id));
  } catch (error) {
    logLine("error", "data_key_closed", { requestId: call.requestId, error: String(error) });
    throw new ProblemError("internal", WRONG_KEY);
  }
}
