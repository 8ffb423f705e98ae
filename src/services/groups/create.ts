// Makes a group; its variables and audit row in one batch.
import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateGroup, GroupView } from "../../../protocol/rest.ts";
import { insertGroup } from "../../db/groups.ts";
import type { Admitted } from "../admit.ts";
import { checkSize, checkVars, sealVars } from "../env/seal.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId } from "../seed.ts";
import { groupView } from "./view.ts";

export async function createGroup(
  admitted: Admitted<"groups.create">,
  { env, name }: CreateGroup,
  seed: Seed,
): Promise<GroupView> {
  const { call, project } = admitted;
  const vars = new Map(Object.entries(env));
  checkVars(vars, "env");
  const id = seededId(seed, "group", 0);
  const owner = { kind: "group", id } as const;
  const sealed = await sealVars(call, { project, owner, plain: false, version: 1 }, vars);
  checkSize(sealed, "env");
  const envVersion = sealed.length > 0 ? 1 : 0;
  const row = { id, projectId: project.id, name, envVersion, createdAt: seed.at };
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: id,
    detail: { name, env: [...vars.keys()] },
    id: seededId(seed, "audit", 1),
  });
  if (!(await insertGroup(call.db, { row, vars: sealed, audit }))) {
    throw new ProblemError("name_taken", `A group of this project is called ${name} already.`, [
      { path: "name", message: "is taken" },
    ]);
  }
  return groupView(call, row);
}
