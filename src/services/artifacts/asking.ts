// What the verbs of artifacts have in common: who asks, for which artifact, and what happens to bytes that do not count.
//
// 1. An artifact is looked for in the asking host's own project: another project's is as absent as none.
import { ARTIFACT_DIGEST } from "../../../protocol/artifact.ts";
import { ProblemError } from "../../../protocol/problems.ts";
import {
  type ArtifactName,
  type ArtifactRow,
  artifactState,
  doom,
  forgetArtifact,
  markStored,
} from "../../db/artifacts.ts";
import { type AskingHost, identifyHost } from "../agent/identify.ts";
import { absent } from "../authorise.ts";
import type { Call } from "../call.ts";

export type Asking = AskingHost & ArtifactName & { readonly sha256: string };

export async function askFor(call: Call, request: Request, sha256: string): Promise<Asking> {
  const host = await identifyHost(call, request);
  const digest = `sha256:${sha256}`;
  if (!ARTIFACT_DIGEST.test(digest)) throw absent("artifact");
  return { ...host, sha256, digest };
}

/** A fresh row for bytes that are about to come. */
export function uploadRow(
  call: Call,
  { projectId, hostId, digest, sha256 }: Asking,
  size: { readonly bytes: number; readonly partBytes: number },
): ArtifactRow {
  return {
    ...{ key: `${projectId}/${sha256}/${crypto.randomUUID()}`, projectId, digest, hostId },
    ...size,
    ...{ state: "uploading", uploadId: null },
    ...{ touchedAt: call.now, lookedAt: call.now, createdAt: call.now },
  };
}

/** The bytes go, and then the row; where the store can't be reached, the sweep does it. Nothing where its state is another now. */
export async function drop(call: Call, row: ArtifactRow): Promise<void> {
  if (await doom(call.db, row)) await removeDoomed(call, row);
}

/** Its bytes are there and right: it counts from now on. False where another upload of it did first, or it was dropped. */
export async function settle(call: Call, row: ArtifactRow): Promise<boolean> {
  if (await markStored(call.db, row.key, call.now)) return true;
  const state = await artifactState(call.db, row.key);
  if (state === "stored") return true;
  if (state === "uploading") await drop(call, row);
  // Whoever dropped it may have been there before these bytes.
  else await removeDoomed(call, row);
  return false;
}

export async function removeDoomed({ db, env }: Call, row: ArtifactRow): Promise<void> {
  if (row.uploadId !== null) {
    // What was completed or dropped before is no upload any more.
    const upload = env.ARTIFACTS.resumeMultipartUpload(row.key, row.uploadId);
    await upload.abort().catch(() => {});
  }
  await env.ARTIFACTS.delete(row.key);
  await forgetArtifact(db, row.key);
}

export function tooLarge(mostBytes: number): ProblemError {
  return new ProblemError("body_too_large", `An artifact has at most ${mostBytes} bytes.`);
}

export function mismatch(): ProblemError {
  return new ProblemError(
    "artifact_mismatch",
    "Size or digest of what arrived differ from what was announced: nothing of it was kept. Send it again.",
  );
}

/** The length that a body was announced with. */
export function lengthOf(request: Request): number {
  const bytes = Number(request.headers.get("content-length") ?? Number.NaN);
  if (Number.isSafeInteger(bytes) && bytes > 0 && request.body) return bytes;
  throw new ProblemError("invalid_request", "Send the bytes, and their number as Content-Length.");
}
