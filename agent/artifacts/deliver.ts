// Brings the packed tree of a release into the store, unless it is there. A build counts only after this.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Artifact } from "../../protocol/artifact.ts";
import { type Finished, type FinishOptions, finishTree } from "./finish.ts";
import type { Marker } from "./store.ts";
import { isStored, type Line, type Progress, upload } from "./transfer.ts";

export type Delivered =
  | { readonly kind: "stored"; readonly artifact: Artifact; readonly isNew: boolean }
  /** It can't be packed: each host makes the release from its source. */
  | { readonly kind: "unfit"; readonly message: string }
  | Extract<Finished, { message: string }>;

export interface DeliverOptions extends FinishOptions {
  readonly limits: NonNullable<FinishOptions["limits"]>;
  readonly line: Line;
  readonly onProgress: Progress;
}

/** The release is on the disk. Throws where the store can't be reached for long. */
export async function deliver(options: DeliverOptions): Promise<Delivered> {
  const { line, store, source } = options;
  const known = store.find(source)?.artifact ?? null;
  if (known !== null && (await isStored(line, known))) {
    await rm(store.packedFile(source), { force: true });
    return { kind: "stored", artifact: known, isNew: false };
  }
  return store.delivering(() => send(options));
}

async function send(options: DeliverOptions): Promise<Delivered> {
  const { line, store, source, limits, onProgress } = options;
  const file = store.packedFile(source);
  const marker = store.find(source);
  if (marker === null) throw new Error("the release lost its files");
  const packed = existsSync(file) ? (marker.artifact ?? null) : null;
  const made = packed === null ? await packAgain(options, marker) : packed;
  if ("kind" in made) return made;
  try {
    await upload(line, {
      artifact: made,
      file,
      multipartBytes: limits.multipartBytes,
      onProgress,
    });
  } finally {
    await rm(file, { force: true });
  }
  return { kind: "stored", artifact: made, isNew: true };
}

async function packAgain(options: DeliverOptions, marker: Marker): Promise<Artifact | Delivered> {
  const { store, source } = options;
  const finished = await finishTree(options);
  if (finished.kind !== "finished") return finished;
  const { artifact, digest, note } = finished;
  store.commit(source, { ...marker, digest, artifact, sealed: true });
  return artifact ?? { kind: "unfit", message: note ?? "it can't be packed" };
}
