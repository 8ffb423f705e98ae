// Where on this host a release is: in the place of its source; or beside it, where that has another build of the source.
//
// 1. Of a release with an artifact that can be used here, only a tree of its digest is it.
// 2. One that has to be made here from its source is whatever this host made of that.
import type { DesiredRelease, Source } from "../../protocol/channel.ts";
import type { ReleaseStore } from "./store.ts";

/** Without a digest: where it is built. */
export type Place = Source & { readonly digest?: string };

type Wanted = Pick<DesiredRelease, "source" | "digest" | "artifact">;

/** Whether its artifact can be used here: one whose files name their directory is of no use in another. */
export function isAtHome({ artifact, source }: Wanted, store: ReleaseStore): boolean {
  return artifact?.root === null || artifact?.root === store.treeDir(source);
}

function beside({ source, digest }: Wanted): Place {
  return { ...source, digest };
}

/** All places that it may be in. */
export function placesOf(release: Wanted): Place[] {
  return release.artifact?.root === null ? [release.source, beside(release)] : [release.source];
}

/** Where it is; null where it is not here. */
export function locate(release: Wanted, store: ReleaseStore): Place | null {
  const found = placesOf(release).find((place) => store.find(place)?.digest === release.digest);
  if (found !== undefined) return found;
  const isAny = !isAtHome(release, store) && store.find(release.source) !== null;
  return isAny ? release.source : null;
}

/** Where its artifact is to be unpacked. */
export function placeToCome(release: Wanted, store: ReleaseStore): Place {
  const { artifact, source } = release;
  const isFree = artifact?.root !== null || store.find(source) === null;
  return isFree ? source : beside(release);
}
