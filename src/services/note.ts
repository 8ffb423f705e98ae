// The audit row of a verb: who, what, when, on which request.
import type { ProjectId } from "../../protocol/ids.ts";
import type { AuditRow } from "../db/schema/audit.ts";
import type { Action, Actor } from "./authorise.ts";
import type { Call } from "./call.ts";
import { newId } from "./seed.ts";

/** `detail` holds names and numbers only, never a value of a variable. */
export function auditRow(
  admitted: { readonly call: Call; readonly actor: Actor; readonly action: Action },
  input: {
    readonly projectId: ProjectId;
    readonly target: string;
    readonly detail?: Record<string, unknown>;
    /** Where the verb may be repeated: the same id again, so that only one row comes of it. */
    readonly id?: AuditRow["id"];
  },
): AuditRow {
  const { call, actor, action } = admitted;
  return {
    id: input.id ?? newId(call, "audit"),
    projectId: input.projectId,
    at: call.now,
    actor: actor.name,
    action,
    target: input.target,
    detail: input.detail ?? {},
    requestId: call.requestId,
  };
}
