// The cron's work: whatever an object may not have heard of is told again. Nothing depends on a first call getting through.
import { unappliedHosts } from "../db/hosts.ts";
import { forgetKeys } from "../db/idempotency.ts";
import { forgetExpired } from "../db/sessions.ts";
import { unappliedWorkers } from "../db/workers.ts";
import { type Call, logLine } from "./call.ts";
import { fewAtATime } from "./few.ts";
import { settleHost } from "./hosts/settle.ts";
import { rekeyJobs } from "./rekey.ts";
import { applyWorker } from "./workers/apply.ts";

const BATCH = 100;
const KEYS_LIVE_MS = 86_400_000;

/** Runs all jobs, few at a time; how many of them failed. */
async function runAll(jobs: readonly (() => Promise<void>)[]): Promise<number> {
  const failed = await fewAtATime(jobs, (job) =>
    job().then(
      () => 0,
      () => 1,
    ),
  );
  return failed.reduce((sum, one) => sum + one, 0);
}

export interface Swept {
  readonly workers: number;
  readonly hosts: number;
  readonly failed: number;
}

export async function sweep(call: Call): Promise<Swept> {
  const [workers, hosts, keys] = await Promise.all([
    unappliedWorkers(call.db, BATCH),
    unappliedHosts(call.db, BATCH),
    rekeyJobs(call),
  ]);
  const failed = await runAll([
    ...workers.map(
      ({ project, ...worker }) =>
        () =>
          applyWorker(call, { project, worker, actor: "coppice" }),
    ),
    ...hosts.map((row) => () => settleHost(call, row)),
    ...keys,
  ]);
  await forgetKeys(call.db, call.now - KEYS_LIVE_MS, 1_000);
  if (new Date(call.now).getUTCMinutes() === 0) await forgetExpired(call.db, call.now);
  const swept = { workers: workers.length, hosts: hosts.length, failed };
  if (swept.workers + swept.hosts > 0) logLine("info", "swept", { ...swept });
  return swept;
}
