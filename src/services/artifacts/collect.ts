// Collects what no release needs: uploads that nobody went on with, and artifacts that no release refers to any more.
//
// 1. The workers of the project are asked, all of them: where one can't be, nothing of that project is collected.
// 2. An artifact that somebody asked for meanwhile stays: a release may be about to refer to it.
// 3. Bytes go before their row: what was interrupted is found and done again.
import {
  type ArtifactRow,
  artifactsToLookAt,
  doom,
  doomedArtifacts,
  doomHalf,
  markLooked,
} from "../../db/artifacts.ts";
import { livingWorkers } from "../../db/workers.ts";
import { type Call, logLine } from "../call.ts";
import { fewAtATime } from "../few.ts";
import { policyOf } from "../policy.ts";
import { askWorker } from "../reach.ts";
import { removeDoomed } from "./asking.ts";

const LOOKED_AT = 200;
const REMOVED = 50;

/** The digests that the releases of a project refer to. Throws where a worker can't be asked. */
async function referredTo(call: Call, projectId: ArtifactRow["projectId"]): Promise<Set<string>> {
  const workers = await livingWorkers(call.db, projectId);
  const digests = await fewAtATime(workers, (id) =>
    askWorker(call, id, (stub) => stub.artifacts()),
  );
  return new Set(digests.flat());
}

async function look(call: Call): Promise<void> {
  const { keepMs, lookMs } = policyOf(call.env).artifacts;
  const before = { lookedAt: call.now - lookMs, touchedAt: call.now - keepMs };
  const rows = await artifactsToLookAt(call.db, before, LOOKED_AT);
  const [first] = rows;
  if (!first) return;
  // What could not be told this time has its turn again: others must not wait behind it.
  await markLooked(
    call.db,
    rows.map(({ key }) => key),
    call.now,
  );
  const needed = await referredTo(call, first.projectId);
  for (const row of rows) if (!needed.has(row.digest)) await doom(call.db, row, before.touchedAt);
}

/** A round of it, bounded; each minute brings the next. */
export async function collectArtifacts(call: Call): Promise<{ readonly removed: number }> {
  await doomHalf(call.db, call.now - policyOf(call.env).artifacts.halfMs);
  try {
    await look(call);
  } catch (error) {
    logLine("warn", "artifacts_not_looked_at", { error: String(error) });
  }
  const doomed = await doomedArtifacts(call.db, REMOVED);
  for (const row of doomed) await removeDoomed(call, row);
  if (doomed.length > 0) logLine("info", "artifacts_removed", { count: doomed.length });
  return { removed: doomed.length };
}
