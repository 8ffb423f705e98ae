// Uploads in parts: begun or taken up again, part by part, then completed.
//
// 1. Parts that are there are not sent again; each host has its own upload, so that two of one digest don't mix.
// 2. It counts only after the whole was read back and has the size and the digest that were announced.
// 3. Each step may be repeated: an answer that was lost changes nothing.
import { partCount, partRange, type UploadView } from "../../../protocol/artifact.ts";
import { ProblemError } from "../../../protocol/problems.ts";
import {
  type ArtifactRow,
  insertUpload,
  keepPart,
  partsOf,
  storedArtifact,
  touchArtifact,
  uploadOf,
} from "../../db/artifacts.ts";
import type { Call } from "../call.ts";
import { policyOf } from "../policy.ts";
import {
  type Asking,
  askFor,
  drop,
  lengthOf,
  mismatch,
  settle,
  tooLarge,
  uploadRow,
} from "./asking.ts";
import { foundArtifact } from "./find.ts";

type Upload = ArtifactRow & { readonly uploadId: string };

function gone(): ProblemError {
  return new ProblemError("conflict", "There is no such upload any more; begin it anew.");
}

async function standing(call: Call, asking: Asking): Promise<Upload> {
  const row = await uploadOf(call.db, asking);
  if (!row || row.uploadId === null) throw gone();
  return { ...row, uploadId: row.uploadId };
}

async function begin(call: Call, asking: Asking, bytes: number): Promise<Upload> {
  const { partBytes } = policyOf(call.env).artifacts;
  const row = uploadRow(call, asking, { bytes, partBytes });
  const { uploadId } = await call.env.ARTIFACTS.createMultipartUpload(row.key);
  const upload = { ...row, uploadId };
  if (await insertUpload(call.db, upload)) return upload;
  await call.env.ARTIFACTS.resumeMultipartUpload(row.key, uploadId).abort();
  throw new ProblemError("conflict", "This host began it already; ask again.");
}

export async function beginUpload(
  call: Call,
  { request, sha256, bytes }: { request: Request; sha256: string; bytes: number },
): Promise<UploadView> {
  const asking = await askFor(call, request, sha256);
  const { mostBytes, partBytes } = policyOf(call.env).artifacts;
  if (bytes > mostBytes) throw tooLarge(mostBytes);
  if (await foundArtifact(call, asking)) return { stored: true, partBytes, parts: [] };
  const before = await uploadOf(call.db, asking);
  const fits = before?.uploadId != null && before.bytes === bytes && before.partBytes === partBytes;
  if (before && !fits) await drop(call, before);
  if (!before || !fits || !(await touchArtifact(call.db, before, call.now)))
    return view(await begin(call, asking, bytes), []);
  const parts = await partsOf(call.db, before.key);
  return view(
    before,
    parts.map(({ part }) => part),
  );
}

function view({ partBytes }: ArtifactRow, parts: number[]): UploadView {
  return { stored: false, partBytes, parts };
}

export async function putPart(
  call: Call,
  { request, sha256, part }: { request: Request; sha256: string; part: number },
): Promise<void> {
  const asking = await askFor(call, request, sha256);
  const upload = await standing(call, asking);
  const bytes = lengthOf(request);
  if (part > partCount(upload.bytes, upload.partBytes) || partRange(part, upload).bytes !== bytes)
    throw new ProblemError("invalid_request", "There is no such part of that size.");
  const multipart = call.env.ARTIFACTS.resumeMultipartUpload(upload.key, upload.uploadId);
  try {
    const { etag } = await multipart.uploadPart(part, request.body as ReadableStream);
    await keepPart(call.db, { key: upload.key, part, etag }, call.now);
  } catch (error) {
    if (!isGone(error)) throw error;
    await drop(call, upload);
    throw gone();
  }
}

/** The store dropped it by itself, or it was completed. */
function isGone(error: unknown): boolean {
  return /10024|NoSuchUpload|does not exist/i.test(String(error));
}

export async function completeUpload(call: Call, request: Request, sha256: string): Promise<void> {
  const asking = await askFor(call, request, sha256);
  if (await storedArtifact(call.db, asking)) {
    const rest = await uploadOf(call.db, asking);
    if (rest) call.later(drop(call, rest));
    return;
  }
  try {
    await finish(call, await standing(call, asking), sha256);
  } catch (error) {
    // The same request may have been quicker: it has taken the upload away, and all is well.
    if (!(await storedArtifact(call.db, asking))) throw error;
  }
}

async function finish(call: Call, upload: Upload, sha256: string): Promise<void> {
  await join(call, upload);
  if (!(await isWhole(call, upload, sha256))) {
    await drop(call, upload);
    throw mismatch();
  }
  if (!(await settle(call, upload))) throw gone();
}

async function join(call: Call, upload: Upload): Promise<void> {
  const parts = await partsOf(call.db, upload.key);
  const wanted = partCount(upload.bytes, upload.partBytes);
  if (parts.length !== wanted)
    throw new ProblemError("conflict", `${wanted - parts.length} of ${wanted} parts are missing.`);
  const multipart = call.env.ARTIFACTS.resumeMultipartUpload(upload.key, upload.uploadId);
  try {
    await multipart.complete(parts.map(({ part, etag }) => ({ partNumber: part, etag })));
  } catch (error) {
    // It was joined by an earlier request whose answer was lost.
    if (await call.env.ARTIFACTS.head(upload.key)) return;
    if (!isGone(error)) throw error;
    await drop(call, upload);
    throw gone();
  }
}

/** Reads it back in a stream: no isolate holds more of it than a chunk. */
async function isWhole(call: Call, upload: Upload, sha256: string): Promise<boolean> {
  const object = await call.env.ARTIFACTS.get(upload.key);
  if (!object || object.size !== upload.bytes) {
    await object?.body.cancel();
    return false;
  }
  const hash = new crypto.DigestStream("SHA-256");
  await object.body.pipeTo(hash);
  const bytes = new Uint8Array(await hash.digest);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === sha256;
}

export async function abortUpload(call: Call, request: Request, sha256: string): Promise<void> {
  const upload = await uploadOf(call.db, await askFor(call, request, sha256));
  if (upload) await drop(call, upload);
}
