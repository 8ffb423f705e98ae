// Who runs under a lease: at most one instance of an exclusive slot, whatever was placed where.
//
// 1. Only asking gets one: what no agent asked for is not granted.
// 2. Whoever was granted one holds its slot until it is gone, or lost: by then its keeper has ended it.
// 3. Where nobody holds the slot, the newest that is wanted there gets it.
// 4. A holder that was asked to stop keeps its lease until it has ended: its grace may be longer than a lease.
import type { HostId } from "../../protocol/ids.ts";
import type { Instance } from "./worker.ts";

export interface LeaseQuestion {
  readonly hostId: HostId;
  /** Ids as the agent gave them; strange ones among them are nobody's. */
  readonly asked: readonly string[];
  /** All instances of the worker that are not yet gone. */
  readonly instances: readonly Instance[];
}

/** Those of the asked instances that have their lease from now on. */
export function grantLeases({ hostId, asked, instances }: LeaseQuestion): Instance[] {
  const wanted = new Set(asked);
  const placed = instances.filter((one) => one.hostId !== null && one.state !== "lost");
  return placed.filter((one) => {
    if (one.hostId !== hostId || one.mode !== "exclusive" || !wanted.has(one.id)) return false;
    const slot = placed.filter((other) => other.slot === one.slot);
    // One without leases runs whether or not it is asked: beside it there is nothing to grant.
    if (slot.some((other) => other.mode === "available")) return false;
    const holder = slot.find((other) => other.leased);
    if (holder) return holder === one;
    return one.stop === null && slot.every((other) => other.generation <= one.generation);
  });
}
