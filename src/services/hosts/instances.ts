// The instances on a host: its object names the workers that hold room there, and theirs are asked. Nobody else is woken.
import type { HostInstanceView, InstanceView } from "../../../protocol/rest.ts";
import { hostByRef } from "../../db/hosts.ts";
import { workerNames } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { askHost, askWorker } from "../reach.ts";

/** Throws `unavailable` where one of the objects could not be reached: a list with a gap would be taken for the whole. */
export async function listHostInstances(
  { call, project }: Admitted<"hosts.read">,
  ref: string,
): Promise<{ readonly items: HostInstanceView[]; readonly next: null }> {
  const host = await hostByRef(call.db, project.id, ref);
  if (!host) throw absent("host");
  const { id: hostId } = host.row;
  const ids = await askHost(call, hostId, (stub) => stub.workers());
  const workers = await workerNames(call.db, project.id, ids);
  const lists = await Promise.all(
    workers.map(async (worker) => {
      const all = await askWorker(call, worker.id, (stub) => stub.instances());
      return all
        .filter((one) => one.hostId === hostId && one.state !== "stopped")
        .map((instance) => ({ worker, instance, successor: successorOf(instance, all) }));
    }),
  );
  return { items: lists.flat(), next: null };
}

/** The newest later one of its slot that is elsewhere, or nowhere yet. */
function successorOf(one: InstanceView, all: readonly InstanceView[]): InstanceView | null {
  const later = all.filter(
    ({ slot, generation, hostId }) =>
      slot === one.slot && generation > one.generation && hostId !== one.hostId,
  );
  return later.toSorted((a, b) => b.generation - a.generation)[0] ?? null;
}
