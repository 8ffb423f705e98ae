// One host, as its object knows it; as it was known last where the object does not answer.

import type { HostView } from "../../../protocol/rest.ts";
import { hostByRef } from "../../db/hosts.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { askHost, orNull } from "../reach.ts";
import { hostView } from "../views.ts";

const WAIT_MS = 2_000;

export async function getHost(
  { call, project }: Admitted<"hosts.read">,
  ref: string,
): Promise<HostView> {
  const host = await hostByRef(call.db, project.id, ref);
  if (!host) throw absent("host");
  const overview = await orNull(
    askHost(call, host.row.id, (stub) => stub.overview()),
    WAIT_MS,
  );
  return hostView(host, overview ?? host.projection);
}
