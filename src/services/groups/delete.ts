// Deletes a group and its values. One that a worker names stays: its next deploy would fail.
import { ProblemError } from "../../../protocol/problems.ts";
import { deleteGroup as query, workersNaming } from "../../db/groups.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";
import { findGroup } from "./view.ts";

export async function deleteGroup(admitted: Admitted<"groups.delete">, ref: string): Promise<void> {
  const { call, project } = admitted;
  const group = await findGroup(call, project, ref);
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: group.id,
    detail: { name: group.name },
  });
  if (await query(call.db, group, audit)) return;
  const users = await workersNaming(call.db, group);
  if (users.length === 0) throw absent("group");
  const names = users.map(({ row }) => row.name);
  const shown = names.slice(0, 5).join(", ") + (names.length > 5 ? ", …" : "");
  throw new ProblemError(
    "conflict",
    `These workers take variables from it: ${shown}. Take it out of their groups first.`,
  );
}
