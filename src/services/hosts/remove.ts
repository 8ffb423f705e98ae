// Removes a host for good: it may not connect any more, and its instances are replaced elsewhere.
import { hostByRef, markRemoved } from "../../db/hosts.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";
import { orNull } from "../reach.ts";
import { settleHost } from "./settle.ts";

const WAIT_MS = 5_000;

export async function removeHost(admitted: Admitted<"hosts.remove">, ref: string): Promise<void> {
  const { call, project } = admitted;
  const host = await hostByRef(call.db, project.id, ref);
  if (!host) throw absent("host");
  const { id, name } = host.row;
  const audit = auditRow(admitted, { projectId: project.id, target: id, detail: { name } });
  if (!(await markRemoved(call.db, { hostId: id, at: call.now, audit }))) throw absent("host");
  await orNull(settleHost(call, { ...host.row, removedAt: call.now }), WAIT_MS);
}
