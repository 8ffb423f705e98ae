// What the newest deploy comes to that is under way or live: whether another would bring anything else is told from it.
import type { LiveEnv } from "../../../protocol/live-env.ts";
import type { EnvSnapshot, NewestDeploy } from "../../rpc.ts";
import { recipeOf } from "./commit.ts";
import type { StoredDeploy } from "./deploys.ts";
import type { WorkerParts } from "./parts.ts";
import type { Release } from "./releases.ts";

export function envOf(snapshot: EnvSnapshot | null): LiveEnv {
  const { groups = [], version } = snapshot ?? { version: 0 };
  return { version, groups: groups.map(({ id, version: at }) => ({ id, version: at })) };
}

function ofRelease(release: Release, ref: string | null): NewestDeploy {
  const { limits, mode, predeployCommand, source, startCommand, stopGraceMs, stopSignal } = release;
  const { buildCommand, repo, rootDir } = source;
  const commands = { buildCommand, predeployCommand, startCommand };
  return {
    made: { repo, rootDir, ...commands, stopSignal, stopGraceMs, mode, ...limits },
    ...{ ref, env: envOf(release.env) },
  };
}

/** Null where neither is: nothing was deployed yet, or what was failed. */
export function newestDeploy(parts: WorkerParts): NewestDeploy | null {
  const { deploys, meta, releases } = parts;
  const known = meta.get();
  if (!known) return null;
  // A restart brings nothing else than what is live.
  const brings = ({ kind }: StoredDeploy) => kind !== "restart";
  const deploy = deploys.active().findLast(brings);
  const released = (number: number | null | undefined) => (number ? releases.get(number) : null);
  if (deploy) {
    const release = released(deploy.release);
    if (release) return ofRelease(release, deploy.ref);
    // Not built yet; until that begins, it is made of the spec as it is.
    return { made: deploy.recipe ?? recipeOf(known.spec), ref: deploy.ref, env: envOf(deploy.env) };
  }
  if (!known.base?.live) return null;
  const live = released(known.base.release);
  return live ? ofRelease(live, deploys.byNumber(live.deploy)?.ref ?? null) : null;
}
