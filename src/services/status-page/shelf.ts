// The copy of the status page that outlives D1: kept by an object, which is woken once a minute to write it.
import { statusObject } from "../../env.ts";
import { type Call, logLine } from "../call.ts";

/** What a row of an object can hold, with some room. */
const MOST_BYTES = 1_900_000;
const WAIT_MS = 2_000;

export async function keepSnapshot(call: Call, snapshot: string): Promise<void> {
  if (snapshot.length > MOST_BYTES) {
    logLine("warn", "snapshot_too_large", { bytes: snapshot.length });
    return;
  }
  await statusObject(call.env).keep(snapshot);
}

/** Null where there is none, or the object does not answer. */
export async function lastSnapshot(call: Call): Promise<string | null> {
  const answer = statusObject(call.env)
    .last()
    .catch(() => null);
  return Promise.race([answer, scheduler.wait(WAIT_MS).then(() => null)]);
}
