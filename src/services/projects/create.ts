// Makes a project with a data key of its own.

import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateProject, ProjectView } from "../../../protocol/rest.ts";
import { makeWrappedKey, masterMark } from "../../db/envelope.ts";
import { insertProject } from "../../db/projects.ts";
import type { Admitted } from "../admit.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId } from "../seed.ts";
import { projectView } from "../views.ts";

export async function createProject(
  admitted: Admitted<"projects.create">,
  input: CreateProject,
  seed: Seed,
): Promise<ProjectView> {
  const { call } = admitted;
  const id = seededId(seed, "project", 0);
  const wrappedKey = await makeWrappedKey({
    masterKey: call.env.COPPICE_MASTER_KEY,
    projectId: id,
  });
  const wrappedBy = await masterMark(call.env.COPPICE_MASTER_KEY);
  const row = { id, name: input.name, wrappedKey, wrappedBy, wrappedAt: null, createdAt: seed.at };
  const audit = auditRow(admitted, {
    projectId: id,
    target: id,
    detail: { name: input.name },
    id: seededId(seed, "audit", 1),
  });
  if (!(await insertProject(call.db, row, audit))) {
    throw new ProblemError("name_taken", `A project is called ${input.name} already.`, [
      { path: "name", message: "is taken" },
    ]);
  }
  return projectView(row);
}
