// A group as the API shows it: names of its variables, and the workers that take them.
import type { GroupView } from "../../../protocol/rest.ts";
import { currentVars, type StoredVar } from "../../db/env.ts";
import { type GroupRow, groupByRef, workersNaming } from "../../db/groups.ts";
import type { ProjectRow } from "../../db/projects.ts";
import { absent } from "../authorise.ts";
import type { Call } from "../call.ts";
import { varViews } from "../env/view.ts";
import { iso, workerView } from "../views.ts";

/** Throws `not_found`. */
export async function findGroup(call: Call, project: ProjectRow, ref: string): Promise<GroupRow> {
  const row = await groupByRef(call.db, project.id, ref);
  if (!row) throw absent("group");
  return row;
}

export async function groupView(
  call: Call,
  row: GroupRow,
  known?: readonly StoredVar[],
): Promise<GroupView> {
  const [vars, users] = await Promise.all([
    known ?? currentVars(call.db, { kind: "group", id: row.id }),
    workersNaming(call.db, row),
  ]);
  return {
    id: row.id,
    name: row.name,
    version: row.envVersion,
    items: varViews(vars),
    workers: users.map((worker) => {
      const { envChanged, id, name } = workerView(worker, worker.projection);
      return { id, name, envChanged };
    }),
    createdAt: iso(row.createdAt),
  };
}
