// What stands on a host that is to be left: each instance, and why it is still there.
//
// 1. The successor is the newest other instance of the slot; it is elsewhere, or nowhere yet.
import type { Schemas } from "../../client/index.ts";
import { successorOf, whyStanding } from "../../client/standing.ts";
import type { Session } from "../session.ts";

type Instance = Schemas["Instance"];

export interface WorkerHere {
  readonly name: string;
  readonly mode: Schemas["WorkerService"]["mode"];
  readonly instances: readonly Instance[];
}

export interface Standing {
  /** `mailer.0` */
  readonly instance: string;
  readonly worker: string;
  readonly id: string;
  /** Why it is still there. */
  readonly why: string;
  /** The successor is healthy: this one is on its way out. */
  readonly replaced: boolean;
}

export function standingOn(
  hostId: string,
  workers: readonly WorkerHere[],
  hostNames: ReadonlyMap<string, string>,
): Standing[] {
  const nameOf = (id: string) => hostNames.get(id);
  return workers.flatMap((worker) =>
    worker.instances
      .filter((one) => one.hostId === hostId && one.state !== "stopped")
      .map((one) => {
        const next = successorOf(one, worker.instances);
        return {
          ...{ instance: `${worker.name}.${one.slot}`, worker: worker.name, id: one.id },
          why: whyStanding(one, next, { mode: worker.mode, nameOf }),
          replaced: next?.state === "healthy",
        };
      }),
  );
}

/** Asks for the instances of these workers, of all of the project where none are named. */
export async function readStanding(
  session: Session,
  hostId: string,
  only?: ReadonlySet<string>,
): Promise<Standing[]> {
  const [workers, hosts] = await Promise.all([session.workers(), session.hosts()]);
  const here = await Promise.all(
    workers
      .filter(({ name }) => only?.has(name) ?? true)
      .map(async ({ id, name, mode }) => ({ name, mode, instances: await session.instances(id) })),
  );
  return standingOn(hostId, here, new Map(hosts.map(({ id, name }) => [id, name])));
}
