// Confirms and gives back reservations: each is an agenda row until its HostObject has answered.

import { hostObject } from "../../env.ts";
import type { HostObjectRpc } from "../../rpc.ts";
import { forgetInstance } from "./commit.ts";
import type { WorkerParts } from "./parts.ts";

/** Does what is noted, host by host; true where something was done. What fails stays noted. */
export async function drainReservations(
  parts: WorkerParts,
  kind: "confirm" | "release",
): Promise<boolean> {
  const { agenda, env, rim } = parts;
  const noted = agenda.keys(kind).map((entry) => entry.split(" ") as [string, string]);
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

/** Their host was removed between its word and our commit: what never ran there is placed anew. */
function forgetRefused(parts: WorkerParts, hostId: string, keys: readonly string[]): void {
  for (const key of keys) {
    const instance = parts.instances.byId(key);
    if (instance?.hostId === hostId && instance.firstRunningAt === null && !instance.leased)
      forgetInstance(parts, instance);
  }
}
