// Finishes a tree that was built: packs it where it is to be packed, and seals it.
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Artifact } from "../../protocol/artifact.ts";
import type { Source } from "../../protocol/channel.ts";
import type { Policy } from "../../protocol/policy.ts";
import { openRelease } from "../users/owner.ts";
import { type PackOptions, packTree } from "./pack.ts";
import type { Place } from "./place.ts";
import { checkSeal, seal } from "./seal.ts";
import { type ReleaseStore, releaseKey } from "./store.ts";
import { readTree } from "./tree.ts";

export interface FinishOptions {
  readonly store: ReleaseStore;
  readonly source: Source;
  readonly bootId: string;
  /** Null where nothing is to be packed. */
  readonly limits: Policy["artifacts"] | null;
  readonly signal: AbortSignal;
  /** Who is to read it; null where programs run as the agent does. */
  readonly group: number | null;
}

export type Finished =
  | {
      readonly kind: "finished";
      readonly digest: string;
      readonly entries: number;
      readonly bytes: number;
      readonly artifact: Artifact | null;
      /** Why it was not packed though it was to be. */
      readonly note: string | null;
    }
  | { readonly kind: "refused" | "too_large"; readonly message: string };

export async function finishTree(options: FinishOptions): Promise<Finished> {
  const { store, source, bootId } = options;
  const dir = store.treeDir(source);
  const made = await (options.limits === null ? readTree(dir) : pack(options, options.limits));
  if ("kind" in made) return made;
  if (!made.ok) return { kind: "refused", message: made.message };
  const { artifact = null, digest, entries, note = null } = made as typeof made & PackedNote;
  if (options.group !== null) await openRelease(dirname(dir), options.group);
  await seal(dir, { entries, file: store.sealFile(source), bootId });
  return { kind: "finished", digest, entries: entries.length, bytes: made.bytes, artifact, note };
}

interface PackedNote {
  readonly artifact?: Artifact;
  readonly note?: string;
}

async function pack(options: FinishOptions, limits: PackOptions["limits"]) {
  const { store, source, signal } = options;
  const file = store.packedFile(source);
  const selfName = `/${releaseKey(source)}/tree`;
  const packed = await packTree({ dir: store.treeDir(source), file, selfName, limits, signal });
  if (packed.kind !== "packed") await rm(file, { force: true });
  switch (packed.kind) {
    case "packed":
      return { ...packed.tree, artifact: packed.artifact };
    case "unfit":
      return { ...packed.tree, note: packed.message };
    default:
      return packed;
  }
}

/** Whether a release on the disk is still what it was when it was finished; older ones were never sealed. One that is not counts as never made. */
export async function isWhole(
  { store, source, bootId }: Pick<FinishOptions, "store" | "bootId"> & { readonly source: Place },
  onDamage: (path: string | null) => void,
): Promise<boolean> {
  const marker = store.find(source);
  if (marker === null) return false;
  if (marker.sealed !== true) return true;
  const place = { file: store.sealFile(source), bootId, digest: marker.digest };
  const checked = await checkSeal(store.treeDir(source), place);
  if (checked.kind === "whole") return true;
  store.doubt(source);
  onDamage(checked.path);
  return false;
}
