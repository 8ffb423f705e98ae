// Writes what the owner wants of a host, tells its object, and shows the host; the verbs beside this end here.
import type { HostView } from "../../../protocol/rest.ts";
import { type HostIntent, hostByRef, setHostIntent } from "../../db/hosts.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";
import { askHost, orNull } from "../reach.ts";
import { hostView } from "../views.ts";
import { settleHost } from "./settle.ts";

const WAIT_MS = 5_000;

/** The sweep repeats what the object did not hear. */
export async function intend(
  admitted: Admitted<"hosts.cordon"> | Admitted<"hosts.drain">,
  ref: string,
  set: Partial<HostIntent>,
): Promise<HostView> {
  const { call, project } = admitted;
  const found = await hostByRef(call.db, project.id, ref);
  if (!found) throw absent("host");
  const { id: hostId, name } = found.row;
  const detail = { name, ...set };
  const audit = auditRow(admitted, { projectId: project.id, target: hostId, detail });
  const host = await setHostIntent(call.db, { hostId, set, audit });
  if (!host) throw absent("host");
  await orNull(settleHost(call, host.row), WAIT_MS);
  const overview = await orNull(
    askHost(call, hostId, (stub) => stub.overview()),
    WAIT_MS,
  );
  return hostView(host, overview ?? host.projection);
}
