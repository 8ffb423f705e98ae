// Takes an artifact that comes as a whole: the store itself refuses bytes that do not have the digest.

import { ProblemError } from "../../../protocol/problems.ts";
import { insertUpload, storedArtifact, uploadOf } from "../../db/artifacts.ts";
import type { Call } from "../call.ts";
import { policyOf } from "../policy.ts";
import { askFor, drop, lengthOf, mismatch, settle, tooLarge, uploadRow } from "./asking.ts";
import { foundArtifact } from "./find.ts";

/** True where it is stored by this; false where it was already. */
export async function putArtifact(call: Call, request: Request, sha256: string): Promise<boolean> {
  const asking = await askFor(call, request, sha256);
  const { multipartBytes } = policyOf(call.env).artifacts;
  const bytes = lengthOf(request);
  if (bytes > multipartBytes) throw tooLarge(multipartBytes);
  if (await foundArtifact(call, asking)) {
    await request.body?.cancel();
    return false;
  }
  // Of an earlier try that was cut off.
  const before = await uploadOf(call.db, asking);
  if (before) await drop(call, before);
  const row = uploadRow(call, asking, { bytes, partBytes: bytes });
  if (!(await insertUpload(call.db, row)))
    throw new ProblemError("conflict", "This host is uploading it already.");
  try {
    await call.env.ARTIFACTS.put(row.key, request.body, { sha256 });
  } catch (error) {
    call.later(drop(call, row));
    if (/sha-?256|checksum|digest|10037/i.test(String(error))) throw mismatch();
    throw error;
  }
  if (await settle(call, row)) return true;
  if (await storedArtifact(call.db, asking)) return false;
  throw new ProblemError("conflict", "The upload was dropped in the meantime; begin it anew.");
}
