// Confirms and gives back reservations: each is an agenda row until its HostObject has answered.

import { hostObject } from "../../env.ts";
import type { HostObjectRpc } from "../../rpc.ts";
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
        await call(hostObject(env, hostId), kind, keys);
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

function call(host: HostObjectRpc, kind: "confirm" | "release", keys: string[]): Promise<void> {
  return kind === "confirm" ? host.confirm(keys) : host.release(keys);
}
