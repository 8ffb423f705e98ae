// What stands on a host that is to be left: each instance, and why it is still there.
//
// 1. The successor is the newest other instance of the slot; it is elsewhere, or nowhere yet.
import type { Schemas } from "../../client/index.ts";
import { instanceWhy } from "../../client/words.ts";
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

function successorOf(one: Instance, { instances }: WorkerHere, hostId: string): Instance | null {
  const others = instances.filter(
    ({ slot, generation, hostId: at }) =>
      slot === one.slot && generation > one.generation && at !== hostId,
  );
  return others.toSorted((a, b) => b.generation - a.generation)[0] ?? null;
}

function whyStanding(
  one: Instance,
  next: Instance | null,
  { mode, hostNames }: { mode: WorkerHere["mode"]; hostNames: ReadonlyMap<string, string> },
): string {
  if (one.state === "stopping") return "stops";
  if (next === null) return mode === "exclusive" ? "stops first, then moves" : "is to move";
  const why = instanceWhy(next, mode);
  if (next.hostId === null) return `waits: ${why}`;
  const state = next.state === "backoff" ? "crashed, and is started again" : next.state;
  return `its successor on ${hostNames.get(next.hostId) ?? "another host"}: ${why ?? state}`;
}

export function standingOn(
  hostId: string,
  workers: readonly WorkerHere[],
  hostNames: ReadonlyMap<string, string>,
): Standing[] {
  return workers.flatMap((worker) =>
    worker.instances
      .filter((one) => one.hostId === hostId && one.state !== "stopped")
      .map((one) => {
        const next = successorOf(one, worker, hostId);
        return {
          ...{ instance: `${worker.name}.${one.slot}`, worker: worker.name, id: one.id },
          why: whyStanding(one, next, { mode: worker.mode, hostNames }),
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
