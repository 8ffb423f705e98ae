// Brings the packed tree of a release into the store, unless it is there. A build counts only after this.
//
// 1. What is handed in has the digest that the build reports: a tree that gives another one by now is `changed`.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Artifact } from "../../protocol/artifact.ts";
import { refusal } from "./failure.ts";
import { type Finished, type FinishOptions, finishTree } from "./finish.ts";
import type { Marker } from "./store.ts";
import { isStored, type Line, type Progress, upload } from "./transfer.ts";

export type Delivered =
  | { readonly kind: "stored"; readonly artifact: Artifact; readonly isNew: boolean }
  /** It can't be packed: each host makes the release from its source. */
  | { readonly kind: "unfit"; readonly message: string }
  /** The tree is not what was built, or is gone: it has to be made anew. */
  | { readonly kind: "changed" }
  | Extract<Finished, { message: string }>;

/** `artifact` is null where the tree can't be packed. */
export type HandedIn =
  | { readonly kind: "handed_in"; readonly artifact: Artifact | null }
  | { readonly kind: "changed" };

export interface DeliverOptions extends FinishOptions {
  readonly limits: NonNullable<FinishOptions["limits"]>;
  /** Of the tree that was built. */
  readonly digest: string;
  readonly line: Line;
  readonly onProgress: Progress;
}

/** The release is on the disk. Throws where the store can't be reached for long. */
export async function deliver(options: DeliverOptions): Promise<Delivered> {
  const { digest, line, store, source } = options;
  const marker = store.find(source);
  if (marker?.digest !== digest) return { kind: "changed" };
  const known = marker.artifact ?? null;
  if (known !== null && (await isStored(line, known))) {
    await rm(store.packedFile(source), { force: true });
    return { kind: "stored", artifact: known, isNew: false };
  }
  return store.delivering(() => send(options));
}

async function send(options: DeliverOptions): Promise<Delivered> {
  const { digest, line, store, source, limits, onProgress } = options;
  const file = store.packedFile(source);
  const marker = store.find(source);
  if (marker?.digest !== digest) return { kind: "changed" };
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
  if (digest !== marker.digest) {
    await rm(store.packedFile(source), { force: true });
    return { kind: "changed" };
  }
  store.commit(source, { ...marker, artifact, sealed: true });
  return artifact ?? { kind: "unfit", message: note ?? "it can't be packed" };
}

/** As the end of a build's step; a tree that may not be handed in is thrown as a `Failure`. */
export function handedIn(delivered: Delivered): { value: HandedIn; detail: string | null } {
  switch (delivered.kind) {
    case "stored": {
      const { artifact, isNew } = delivered;
      const detail = isNew ? `${artifact.bytes} bytes` : "stored before";
      return { value: { kind: "handed_in", artifact }, detail };
    }
    case "unfit": {
      const detail = `${delivered.message}: not packed, each host builds it.`;
      return { value: { kind: "handed_in", artifact: null }, detail };
    }
    case "changed":
      return { value: delivered, detail: null };
    default:
      throw refusal(delivered);
  }
}
