// Brings what is written into line with what is wanted: decide, commit, decide again until nothing is left.
//
// 1. All rounds are one synchronous transaction, with the time of the next look: no await, no half plan.
// 2. It may run at any moment and any number of times: it acts on differences alone.
// 3. What reaches out (room, confirmations, desired sets) is only noted here; effects.ts does it.
import { reconcile } from "../../domain/reconcile.ts";
import { wantedCount } from "../../domain/worker.ts";
import { commitOperation } from "./commit.ts";
import { reviseAll } from "./desired.ts";
import { endWorker } from "./ending.ts";
import { noteLedger } from "./ledger.ts";
import { atomically, type WorkerParts } from "./parts.ts";
import { queueProjection } from "./projection.ts";
import { loadState } from "./state.ts";
import { announceState } from "./watch.ts";

const ROUNDS = 50;

export function settle(parts: WorkerParts): void {
  atomically(parts, () => {
    decide(parts);
    queuePlacement(parts);
    reviseAll(parts);
    endWorker(parts);
    noteLedger(parts);
    queueProjection(parts);
  });
  parts.agenda.arm();
  announceState(parts);
}

function decide(parts: WorkerParts): void {
  const { agenda, rim } = parts;
  for (let round = 0; round < ROUNDS; round++) {
    const state = loadState(parts);
    if (!state) return;
    const plan = reconcile(state, rim.now(), rim.policy);
    for (const operation of plan.operations) commitOperation(parts, operation);
    if (plan.operations.length > 0) continue;
    if (plan.wakeAt === null) agenda.clear("wake", "");
    else agenda.set("wake", "", plan.wakeAt);
    return;
  }
  console.error(`plan of ${parts.meta.get()?.workerId} was not empty after ${ROUNDS} rounds`);
  agenda.set("wake", "", rim.now() + rim.policy.objects.retryMs);
}

/** What waits for room has a due time, so that a lost memory only delays it. */
function queuePlacement(parts: WorkerParts): void {
  const { agenda, meta, rim } = parts;
  if (wantsRoom(parts)) {
    agenda.setBy("place", "", rim.now() + (meta.get()?.placeDelayMs ?? rim.policy.objects.retryMs));
    return;
  }
  agenda.clear("place", "");
}

export function wantsRoom(parts: WorkerParts): boolean {
  const state = loadState(parts);
  if (!state) return false;
  const waits = state.instances.some((one) => one.hostId === null && one.stop === null);
  const builds = state.deploys.some((one) => one.status === "building" && !one.buildHostId);
  const jobs = state.jobs.some((one) => one.hostId === null);
  return builds || jobs || (waits && wantedCount(state.spec) > 0);
}
