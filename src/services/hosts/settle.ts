// Tells a HostObject what D1 says of its host: that it joined, what its owner wants of it, or that it was removed.
// May be repeated.
import {
  type HostRow,
  markIntentApplied,
  markRegistered,
  markRemovalApplied,
} from "../../db/hosts.ts";
import type { Call } from "../call.ts";
import { askHost } from "../reach.ts";

/** Throws `unavailable` where the object could not be reached; the sweep comes back to it. */
export async function settleHost(call: Call, row: HostRow): Promise<void> {
  if (row.removedAt !== null) {
    await askHost(call, row.id, (stub) => stub.remove());
    await markRemovalApplied(call.db, row.id, call.now);
    return;
  }
  if (row.registeredAt === null) await register(call, row);
  const { cordonedAt, drainUntil, intentVersion: version } = row;
  if (version === row.intentApplied) return;
  await askHost(call, row.id, (stub) =>
    stub.setIntent({ version, cordoned: cordonedAt !== null, drainUntil }),
  );
  await markIntentApplied(call.db, row.id, version);
}

async function register(call: Call, row: HostRow): Promise<void> {
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
