// Which variables a release runs with, by versions, and whether they are still those that the next one would get.
import type { GroupId } from "./ids.ts";

export interface GroupVersion {
  readonly id: GroupId;
  readonly version: number;
}

export interface LiveEnv {
  /** Of the worker's own variables. */
  readonly version: number;
  /** In the order of their strength, the weakest first. */
  readonly groups: readonly GroupVersion[];
}

/** True where a deploy would bring other variables than the live release has; false where nothing is live. */
export function envChanged(now: LiveEnv, live: LiveEnv | null): boolean {
  if (live === null) return false;
  const groups = (env: LiveEnv) => env.groups.map(({ id, version }) => `${id}/${version}`).join();
  // What is live may be newer than what was read here a moment ago.
  return now.version > live.version || groups(now) !== groups(live);
}
