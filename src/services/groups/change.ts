// Changes the variables of a group. Its workers are told, and deployed where that is asked for.
//
// 1. Repeated with its Idempotency-Key, it begins no deploy a second time, even where the first answer was never made.

import { ProblemError } from "../../../protocol/problems.ts";
import type { ChangeEnv, GroupChangeView } from "../../../protocol/rest.ts";
import { type GroupRow, groupByRef, workersNaming } from "../../db/groups.ts";
import type { StoredWorker } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { startDeploy } from "../deploys/start.ts";
import { snapshotEnv } from "../env/snapshot.ts";
import { describeChange, readWish, storeChange } from "../env/store.ts";
import { tellTimeline } from "../env/tell.ts";
import { fewAtATime } from "../few.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId, seedFor } from "../seed.ts";
import { findGroup, groupView } from "./view.ts";

type Changing = Admitted<"groups.change">;

async function tellAll(
  admitted: Changing,
  workers: readonly StoredWorker[],
  message: string,
): Promise<void> {
  // One that is out of reach misses a line of its timeline, nothing else.
  await fewAtATime(workers, (worker) => tellTimeline(admitted, worker, message).catch(() => {}));
}

type Outcome = GroupChangeView["deploys"][number];

async function deploy(admitted: Changing, worker: StoredWorker, seed: Seed): Promise<Outcome> {
  const { actor, call, project } = admitted;
  const { name } = worker.row;
  try {
    const { number } = await startDeploy(
      { ...admitted, worker },
      {
        deployId: seededId(await seedFor(seed, worker.row.id), "deploy", 0),
        kind: "deploy",
        ref: null,
        env: await snapshotEnv(call, project, worker),
        actor: actor.name,
      },
    );
    return { worker: name, number, problem: null };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { worker: name, number: null, problem: error.message };
  }
}

/** A stopped worker takes what is new with its next start and deploy. */
const runs = ({ spec }: StoredWorker) => spec.wanted === "running";

export async function changeGroup(
  admitted: Changing,
  ref: string,
  input: { readonly change: ChangeEnv; readonly deploy: boolean; readonly seed: Seed },
): Promise<GroupChangeView> {
  const { call, project } = admitted;
  const wish = readWish(input.change);
  const group = await findGroup(call, project, ref);
  const owner = { kind: "group", id: group.id } as const;
  const changed = await storeChange(call, { project, owner, from: group.envVersion }, wish, {
    audit: (detail) => auditRow(admitted, { projectId: project.id, target: group.id, detail }),
    versionNow: async () => {
      const now = await groupByRef(call.db, project.id, group.id);
      if (!now) throw absent("group");
      return now.envVersion;
    },
  });
  const names = [...changed.set, ...changed.unset].sort();
  const users = await workersNaming(call.db, group);
  if (names.length > 0)
    call.later(tellAll(admitted, users, `Group ${group.name} ${describeChange(changed)}`));
  const deploys = input.deploy
    ? await fewAtATime(users.filter(runs), (worker) => deploy(admitted, worker, input.seed))
    : [];
  const row: GroupRow = { ...group, envVersion: changed.version };
  return {
    ...(await groupView(call, row, changed.vars)),
    changed: names,
    warnings: [...wish.warnings],
    deploys,
  };
}
