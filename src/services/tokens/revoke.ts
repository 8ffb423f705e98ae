// Makes a token worthless at once.
import { revokeToken as query } from "../../db/tokens.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";

export async function revokeToken(admitted: Admitted<"tokens.revoke">, id: string): Promise<void> {
  const { call, project } = admitted;
  const audit = auditRow(admitted, { projectId: project.id, target: id });
  const done = await query(call.db, { projectId: project.id, id, at: call.now, audit });
  if (!done) throw absent("token");
}
