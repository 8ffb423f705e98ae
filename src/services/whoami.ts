// Who is asking: the name and role of the token or session, and the one project it may see.

import type { ProjectId } from "../../protocol/ids.ts";
import type { Role, WhoamiView } from "../../protocol/rest.ts";
import { selectProject } from "../db/projects.ts";
import type { Admitted } from "./admit.ts";
import { roleOf } from "./authorise.ts";
import type { Call } from "./call.ts";

export async function describe(
  call: Call,
  who: { readonly name: string; readonly role: Role; readonly projectId: ProjectId | null },
): Promise<WhoamiView> {
  const { name, projectId, role } = who;
  const row = projectId === null ? undefined : (await selectProject(call.db, projectId))[0];
  return { name, role, project: row ? { id: row.id, name: row.name } : null };
}

export async function whoami({ actor, call }: Admitted<"whoami.read">): Promise<WhoamiView> {
  const projectId = actor.kind === "token" ? actor.projectId : null;
  return describe(call, { name: actor.name, role: roleOf(actor), projectId });
}
