// What stands on a host that is to be left: each instance, and why it is still there.
import type { Schemas } from "../../client/index.ts";
import { whyStanding } from "../../client/standing.ts";
import type { Session } from "../session.ts";

export interface Standing {
  /** `mailer.0` */
  readonly instance: string;
  readonly id: string;
  /** Why it is still there. */
  readonly why: string;
  /** The successor is healthy: this one is on its way out. */
  readonly replaced: boolean;
}

export function standingOf(
  { instance, successor, worker }: Schemas["HostInstance"],
  hostNames: ReadonlyMap<string, string>,
): Standing {
  return {
    ...{ instance: `${worker.name}.${instance.slot}`, id: instance.id },
    why: whyStanding(instance, successor, (id) => hostNames.get(id)),
    replaced: successor?.state === "healthy",
  };
}

export async function readStanding(session: Session, hostId: string): Promise<Standing[]> {
  const [here, hosts] = await Promise.all([session.hostInstances(hostId), session.hosts()]);
  const names = new Map(hosts.map(({ id, name }) => [id, name]));
  return here.map((one) => standingOf(one, names));
}
