// Variables as the API shows them: names, versions and times. A value never comes back.

import type { WorkerId } from "../../../protocol/ids.ts";
import type { EnvView } from "../../../protocol/rest.ts";
import type { StoredVar } from "../../db/env.ts";
import type { Call } from "../call.ts";
import { askWorker, orNull } from "../reach.ts";
import { iso } from "../views.ts";

const WAIT_MS = 2_000;

export function envView(
  vars: readonly StoredVar[],
  versions: { readonly version: number; readonly liveVersion: number | null },
): EnvView {
  return {
    version: versions.version,
    liveVersion: versions.liveVersion,
    items: vars.map(({ name, version, createdAt }) => ({
      name,
      version,
      updatedAt: iso(createdAt),
    })),
  };
}

/** The version that the live release runs with; null before the first, and while the object is out of reach. */
export async function liveEnvVersion(call: Call, workerId: WorkerId): Promise<number | null> {
  const overview = await orNull(
    askWorker(call, workerId, (stub) => stub.overview()),
    WAIT_MS,
  );
  return overview?.liveEnvVersion ?? null;
}
