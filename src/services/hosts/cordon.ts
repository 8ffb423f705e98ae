// Cordons a host, which then takes nothing new; what runs there stays. And lifts that again.
import type { HostView } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { intend } from "./intend.ts";

export function cordonHost(admitted: Admitted<"hosts.cordon">, ref: string): Promise<HostView> {
  return intend(admitted, ref, { cordonedAt: admitted.call.now });
}

export function uncordonHost(admitted: Admitted<"hosts.cordon">, ref: string): Promise<HostView> {
  return intend(admitted, ref, { cordonedAt: null });
}
