// A person gives the client that shows a code a token, or turns it away. The first decision stands.
import { ProblemError } from "../../../protocol/problems.ts";
import type { ApproveDeviceCode } from "../../../protocol/rest.ts";
import { decideDevice } from "../../db/device-codes.ts";
import { listProjects, type ProjectRow, selectProject } from "../../db/projects.ts";
import type { Admitted } from "../admit.ts";
import { absent, covers, roleOf } from "../authorise.ts";
import { findDevice } from "./get.ts";

type Deciding = Admitted<"device-codes.decide">;

async function projectOf({ actor, call }: Deciding, named?: string): Promise<ProjectRow> {
  const ref = named ?? (actor.kind === "token" ? actor.projectId : null);
  if (ref !== null) {
    const project = (await selectProject(call.db, ref))[0];
    if (!project || (actor.kind === "token" && project.id !== actor.projectId))
      throw absent("project");
    return project;
  }
  const [only, another] = await listProjects(call.db, { after: null, limit: 2, only: null });
  if (only && !another) return only;
  throw new ProblemError("invalid_request", "Say which project the client may use.", [
    {
      path: "project",
      message: only ? "is needed: there are several" : "is needed: make one first",
    },
  ]);
}

async function decide(
  admitted: Deciding,
  typed: string,
  set: Parameters<typeof decideDevice>[1]["set"],
): Promise<void> {
  const { call } = admitted;
  const { hash } = await findDevice(admitted, typed);
  if (!(await decideDevice(call.db, { hash, now: call.now, set })))
    throw new ProblemError("conflict", "This code was decided already; run `coppice login` again.");
}

export async function approveDevice(
  admitted: Deciding,
  typed: string,
  input: ApproveDeviceCode,
): Promise<void> {
  const { actor } = admitted;
  const role = input.role ?? (actor.kind === "token" ? actor.role : "admin");
  if (!covers(actor, role)) {
    throw new ProblemError("forbidden", `Your role is ${roleOf(actor)}: a client gets no more.`);
  }
  const project = await projectOf(admitted, input.project);
  await decide(admitted, typed, {
    decision: "approved",
    projectId: project.id,
    role,
    decidedBy: actor.name,
    grantedBy: actor.kind === "token" ? actor.tokenId : null,
  });
}

export async function denyDevice(admitted: Deciding, typed: string): Promise<void> {
  await decide(admitted, typed, {
    decision: "denied",
    projectId: null,
    role: null,
    decidedBy: admitted.actor.name,
    grantedBy: null,
  });
}
