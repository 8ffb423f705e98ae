// Variables as the API shows them: names, versions and times. A value never comes back.

import type { LiveEnv } from "../../../protocol/live-env.ts";
import type { EnvView } from "../../../protocol/rest.ts";
import type { StoredVar } from "../../db/env.ts";
import { envLayers, type GroupLayer } from "../../db/groups.ts";
import type { StoredWorker } from "../../db/workers.ts";
import type { Call } from "../call.ts";
import { askWorker, orNull } from "../reach.ts";
import { iso } from "../views.ts";

const WAIT_MS = 2_000;

export function varViews(vars: readonly StoredVar[]): EnvView["items"] {
  return vars.map(({ name, version, plain, createdAt }) => ({
    name,
    version,
    plain,
    updatedAt: iso(createdAt),
  }));
}

function groupViews(groups: readonly GroupLayer[], live: LiveEnv | null): EnvView["groups"] {
  return groups.map(({ id, name, version, vars }) => ({
    name,
    version,
    liveVersion: live?.groups.find((one) => one.id === id)?.version ?? null,
    names: vars.map((one) => one.name),
  }));
}

export async function envView(
  call: Call,
  { row, spec }: StoredWorker,
  own: {
    readonly vars: readonly StoredVar[];
    readonly version: number;
    readonly live: LiveEnv | null;
  },
): Promise<EnvView> {
  const { live, vars, version } = own;
  const place = { projectId: row.projectId, workerId: row.id, groups: spec.groups };
  const { groups } = spec.groups.length === 0 ? { groups: [] } : await envLayers(call.db, place);
  return {
    version,
    liveVersion: live?.version ?? null,
    items: varViews(vars),
    groups: groupViews(groups, live),
  };
}

/** What the live release runs with; null before the first, and while the object is out of reach. */
export async function liveNow(call: Call, { row }: StoredWorker): Promise<LiveEnv | null> {
  const overview = await orNull(
    askWorker(call, row.id, (stub) => stub.overview()),
    WAIT_MS,
  );
  return overview?.liveEnv ?? null;
}
