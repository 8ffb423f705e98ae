// Tells workers that wait for room that there is some: when the host comes online, or is no longer full.
// A hint only: whoever misses it looks again by its own agenda.
import { and, eq, inArray, isNull } from "drizzle-orm";
import { openDb } from "../../db/client.ts";
import { workerProjections } from "../../db/schema/projections.ts";
import { workers } from "../../db/schema/workers.ts";
import { workerObject } from "../../env.ts";
import type { Handler } from "../agenda.ts";
import type { HostParts } from "./parts.ts";

const TOLD = 200;

export function announceRoom({ agenda, rim }: HostParts): void {
  agenda.setBy("room", "", rim.now());
}

export function roomHandler({ env, store }: HostParts): Handler {
  return async () => {
    const projectId = store.meta()?.projectId;
    if (!projectId) return null;
    const waiting = await openDb(env.DB)
      .select({ id: workers.id })
      .from(workers)
      .innerJoin(workerProjections, eq(workerProjections.workerId, workers.id))
      .where(
        and(
          eq(workers.projectId, projectId),
          isNull(workers.deletedAt),
          inArray(workerProjections.status, ["pending", "deploying", "degraded"]),
        ),
      )
      .limit(TOLD);
    await Promise.allSettled(waiting.map(({ id }) => workerObject(env, id).roomFreed()));
    return null;
  };
}
