// Tells a HostObject what D1 says of its host: that it joined, or that it was removed. May be repeated.
import { type HostRow, markRegistered, markRemovalApplied } from "../../db/hosts.ts";
import type { Call } from "../call.ts";
import { askHost } from "../reach.ts";

/** Throws `unavailable` where the object could not be reached; the sweep comes back to it. */
export async function settleHost(call: Call, row: HostRow): Promise<void> {
  if (row.removedAt !== null) {
    await askHost(call, row.id, (stub) => stub.remove());
    await markRemovalApplied(call.db, row.id, call.now);
    return;
  }
  await askHost(call, row.id, (stub) =>
    stub.register({
      hostId: row.id,
      projectId: row.projectId,
      name: row.name,
      publicKey: row.publicKey,
      capacity: row.capacity,
      facts: row.facts,
    }),
  );
  await markRegistered(call.db, row.id, call.now);
}
