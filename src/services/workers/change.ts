// Stores the next version of a worker's spec and tells its object. All verbs that change a spec end here.
//
// 1. With a condition (If-Match) a lost race is `precondition_failed`; without one the change is made again on what won.

import { ProblemError } from "../../../protocol/problems.ts";
import type { WorkerSpec } from "../../../protocol/spec.ts";
import type { ProjectRow } from "../../db/projects.ts";
import { changeSpec, type StoredWorker, workerById } from "../../db/workers.ts";
import { type Action, type Actor, absent } from "../authorise.ts";
import type { Call } from "../call.ts";
import { auditRow } from "../note.ts";
import { orNull } from "../reach.ts";
import { applyWorker } from "./apply.ts";
import { nameTaken } from "./rules.ts";

const TRIES = 5;
const APPLY_WAIT_MS = 5_000;

export interface ChangeInput {
  /** The spec version that the caller saw; null for "whatever it is". */
  readonly expected: number | null;
  /** Fields of the new spec that differ from the old one. */
  readonly change: Partial<WorkerSpec>;
}

/** What `on: "worker"` actions that change a spec have in common. */
export interface Changing {
  readonly call: Call;
  readonly actor: Actor;
  readonly action: Action;
  readonly project: ProjectRow;
  readonly worker: StoredWorker;
}

function stale(worker: StoredWorker): ProblemError {
  return new ProblemError(
    "precondition_failed",
    `The worker is at version ${worker.row.specVersion} now; look at it again and repeat the change.`,
  );
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The fields that a change would really alter. */
function altered(spec: WorkerSpec, change: Partial<WorkerSpec>): string[] {
  return Object.entries(change)
    .filter(([field, value]) => !sameJson(spec[field as keyof WorkerSpec], value))
    .map(([field]) => field);
}

/** The worker after the change. A change that alters nothing makes no version. */
export async function changeWorker(changing: Changing, input: ChangeInput): Promise<StoredWorker> {
  const { call, project, actor } = changing;
  let { worker } = changing;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { row } = worker;
    if (input.expected !== null && input.expected !== row.specVersion) throw stale(worker);
    const fields = altered(worker.spec, input.change);
    if (fields.length === 0) return worker;
    const spec = { ...worker.spec, ...input.change };
    const outcome = await changeSpec(call.db, {
      workerId: row.id,
      from: row.specVersion,
      spec,
      actor: actor.name,
      at: call.now,
      audit: auditRow(changing, {
        projectId: project.id,
        target: row.id,
        detail: { specVersion: row.specVersion + 1, fields },
      }),
    });
    if (outcome === "name_taken") throw nameTaken(spec.name);
    if (outcome === "changed") {
      const named = { ...row, name: spec.name, specVersion: row.specVersion + 1 };
      const groups = input.change.groups
        ? ((await workerById(call.db, row.id))?.groups ?? [])
        : worker.groups;
      const next = { row: named, spec, groups };
      await orNull(applyWorker(call, { project, worker: next, actor: actor.name }), APPLY_WAIT_MS);
      return next;
    }
    const now = await workerById(call.db, row.id);
    if (!now || now.row.deletedAt !== null) throw absent("worker");
    worker = now;
  }
  throw new ProblemError("conflict", "Others change this worker all the time; try again.");
}
