// Confirms and gives back reservations: each is an agenda row until its HostObject has answered.

import type { HostId } from "../../../protocol/ids.ts";
import { hostObject } from "../../env.ts";
import type { HostObjectRpc } from "../../rpc.ts";
import { forgetInstance } from "./commit.ts";
import { loseJob } from "./jobs.ts";
import { isBuildingOn, moveBuild } from "./loss.ts";
import { atomically, type WorkerParts } from "./parts.ts";
import { settle } from "./settle.ts";

/** Does what is noted, host by host; true where something was done. What fails stays noted. */
export async function drainReservations(
  parts: WorkerParts,
  kind: "confirm" | "release",
): Promise<boolean> {
  const { agenda, env, rim } = parts;
  const noted = agenda.keys(kind).map((entry) => entry.split(" ") as [HostId, string]);
  const byHost = Map.groupBy(noted, ([hostId]) => hostId);
  const outcomes = await Promise.all(
    [...byHost].map(async ([hostId, entries]) => {
      try {
        const keys = entries.map(([, key]) => key);
        const held = await call(hostObject(env, hostId), kind, keys);
        if (held !== null)
          forgetRefused(
            parts,
            hostId,
            keys.filter((key) => !held.includes(key)),
          );
        for (const entry of entries) agenda.clear(kind, entry.join(" "));
        return true;
      } catch (error) {
        console.error(`${kind} on ${hostId}`, error);
        const due = rim.now() + rim.policy.objects.retryMs;
        for (const entry of entries) agenda.set(kind, entry.join(" "), due);
        return false;
      }
    }),
  );
  return outcomes.includes(true);
}

/** Which keys hold their room; null where that was not asked. */
async function call(
  host: HostObjectRpc,
  kind: "confirm" | "release",
  keys: string[],
): Promise<readonly string[] | null> {
  if (kind === "confirm") return host.confirm(keys);
  await host.release(keys);
  return null;
}

/**
 * Their host was removed between its word and our commit: what never ran there is placed anew, and so is a build. A job
 * never gets another host.
 */
function forgetRefused(parts: WorkerParts, hostId: HostId, keys: readonly string[]): void {
  if (keys.length === 0) return;
  const { deploys, instances, jobs } = parts;
  atomically(parts, () => {
    for (const key of keys) {
      const instance = instances.byId(key);
      if (instance?.hostId === hostId && instance.firstRunningAt === null && !instance.leased)
        forgetInstance(parts, instance);
      const build = deploys.byId(key);
      if (build && isBuildingOn(build, hostId)) moveBuild(parts, build);
      const job = jobs.byId(key);
      if (job?.hostId === hostId) loseJob(parts, job);
    }
    settle(parts);
  });
}
