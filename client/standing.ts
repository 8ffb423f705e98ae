// Why an instance still stands on a host that is to be left.
import type { Schemas } from "./index.ts";
import { instanceWhy } from "./words.ts";

type Instance = Schemas["Instance"];
type Mode = Schemas["WorkerService"]["mode"];

/** The newest later one of its slot that is elsewhere, or nowhere yet. */
export function successorOf(one: Instance, all: readonly Instance[]): Instance | null {
  const later = all.filter(
    ({ slot, generation, hostId }) =>
      slot === one.slot && generation > one.generation && hostId !== one.hostId,
  );
  return later.toSorted((a, b) => b.generation - a.generation)[0] ?? null;
}

export function whyStanding(
  one: Instance,
  successor: Instance | null,
  {
    mode,
    nameOf,
  }: { readonly mode: Mode; readonly nameOf: (hostId: string) => string | undefined },
): string {
  if (one.state === "stopping") return "stops";
  if (successor === null) return mode === "exclusive" ? "stops first, then moves" : "is to move";
  const why = instanceWhy(successor, mode);
  if (successor.hostId === null) return `waits: ${why}`;
  const state = successor.state === "backoff" ? "crashed, and is started again" : successor.state;
  return `its successor on ${nameOf(successor.hostId) ?? "another host"}: ${why ?? state}`;
}
