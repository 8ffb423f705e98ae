// Artifacts: the tree of a release, packed once by the host that built it, stored by its digest, downloaded by the others.
// An archive of tar in zstd; how hosts upload and download it is in the routes below `/v1/agent/artifacts/`.
import * as z from "zod";

export const ARTIFACT_DIGEST = /^sha256:[0-9a-f]{64}$/;

export const Artifact = z.object({
  /** `sha256:…` of the packed bytes: its name within its project. */
  digest: z.string().regex(ARTIFACT_DIGEST),
  bytes: z.int().min(0),
  /** Of the files in it; a host unpacks no more than this, and no more entries. */
  treeBytes: z.int().min(0),
  entries: z.int().min(0),
  /** The directory it was built in, where its files name that: elsewhere it does not run. Null where it runs anywhere. */
  root: z.string().max(4_096).nullable(),
});
export type Artifact = z.infer<typeof Artifact>;

/** Begins an upload in parts, or asks how far it came. */
export const BeginUpload = z.strictObject({ bytes: z.int().min(1) });
export type BeginUpload = z.infer<typeof BeginUpload>;

export const UploadView = z.object({
  /** It is stored and verified already: nothing is to be sent. */
  stored: z.boolean(),
  /** All parts have this size but the last one, which has the rest. */
  partBytes: z.int().min(1),
  /** Numbers of the parts that are there, from 1. */
  parts: z.array(z.int().min(1)),
});
export type UploadView = z.infer<typeof UploadView>;

/** A host names workers of which it still keeps something; the answer has those that are deleted. */
export const GoneWorkers = z.object({ workers: z.array(z.string().max(128)).max(200) });
export type GoneWorkers = z.infer<typeof GoneWorkers>;

/** How many parts an artifact of that size has. */
export function partCount(bytes: number, partBytes: number): number {
  return Math.max(1, Math.ceil(bytes / partBytes));
}

/** Where a part begins, and its size. */
export function partRange(
  part: number,
  { bytes, partBytes }: { readonly bytes: number; readonly partBytes: number },
): { readonly start: number; readonly bytes: number } {
  const start = (part - 1) * partBytes;
  return { start, bytes: Math.min(partBytes, bytes - start) };
}
