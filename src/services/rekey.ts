// A change of the master key, while COPPICE_MASTER_KEY_PREVIOUS is set: all data keys are wrapped anew, in D1 and in what the
// workers' objects hold. Nothing is encrypted again: a data key stays as it is.
//
// 1. Every step may be repeated, and what fails is tried again in the next minute.
// 2. An object is told some time after its project: whatever read the old wrapping is over then, and none comes in later.
import { masterMark, rewrapKey } from "../db/envelope.ts";
import type { ProjectRow } from "../db/projects.ts";
import { leftToWrap, markTold, projectsToWrap, storeWrapped, workersToTell } from "../db/rekey.ts";
import { type Call, logLine } from "./call.ts";
import { keyPlace } from "./env/keys.ts";
import { askWorker } from "./reach.ts";

const BATCH = 100;
const OLD_READS_MS = 300_000;

async function wrapAnew(call: Call, project: ProjectRow, mark: string): Promise<void> {
  try {
    const to = await rewrapKey(project.wrappedKey, keyPlace(call, project.id));
    const { id: projectId, wrappedKey: from } = project;
    await storeWrapped(call.db, { projectId, from, to, mark, at: call.now });
  } catch (error) {
    logLine("error", "data_key_not_wrapped", { projectId: project.id, error: String(error) });
    throw error;
  }
}

/** The work of one minute: jobs for the sweep, none where no change is under way. */
export async function rekeyJobs(call: Call): Promise<(() => Promise<void>)[]> {
  const { COPPICE_MASTER_KEY: masterKey, COPPICE_MASTER_KEY_PREVIOUS: previous } = call.env;
  if (!previous || previous === masterKey) return [];
  const mark = await masterMark(masterKey);
  const [projects, workers] = await Promise.all([
    projectsToWrap(call.db, mark, BATCH),
    workersToTell(call.db, { mark, wrappedBefore: call.now - OLD_READS_MS, limit: BATCH }),
  ]);
  return [
    ...projects.map((project) => () => wrapAnew(call, project, mark)),
    ...workers.map(({ id, wrappedKey }) => async () => {
      await askWorker(call, id, (stub) => stub.rekey({ wrappedKey }));
      await markTold(call.db, id, mark);
    }),
    async () => {
      const left = await leftToWrap(call.db, mark);
      const next = left > 0 ? "goes on" : "COPPICE_MASTER_KEY_PREVIOUS may be removed";
      logLine("info", "master_key_change", { left, next });
    },
  ];
}
