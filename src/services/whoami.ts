// Who is asking: the token's name and role, and the one project it may see.

import type { WhoamiView } from "../../protocol/rest.ts";
import { selectProject } from "../db/projects.ts";
import type { Admitted } from "./admit.ts";
import { roleOf } from "./authorise.ts";

export async function whoami(admitted: Admitted<"whoami.read">): Promise<WhoamiView> {
  const { actor, call } = admitted;
  const row =
    actor.kind === "token" ? (await selectProject(call.db, actor.projectId))[0] : undefined;
  return {
    name: actor.name,
    role: roleOf(actor),
    project: row ? { id: row.id, name: row.name } : null,
  };
}
