// Empties a host: its instances move, and by the deadline whatever is left there is stopped. A drained host stays
// cordoned until somebody says otherwise.
import type { DrainHost, HostView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { intend } from "./intend.ts";

export function drainHost(
  admitted: Admitted<"hosts.drain">,
  ref: string,
  { deadlineMs }: DrainHost,
): Promise<HostView> {
  const { now } = admitted.call;
  return intend(admitted, ref, { cordonedAt: now, drainingAt: now, drainUntil: now + deadlineMs });
}

/** What has moved stays where it is; the host takes instances again. */
export function undrainHost(admitted: Admitted<"hosts.drain">, ref: string): Promise<HostView> {
  return intend(admitted, ref, { cordonedAt: null, drainingAt: null, drainUntil: null });
}
