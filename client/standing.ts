// Why an instance still stands on a host that is to be left.
import type { Schemas } from "./index.ts";
import { instanceWhy } from "./words.ts";

type Instance = Schemas["Instance"];

export function whyStanding(
  one: Instance,
  successor: Instance | null,
  nameOf: (hostId: string) => string | undefined,
): string {
  const { mode } = one;
  if (one.state === "stopping") return "stops";
  if (successor === null) return mode === "exclusive" ? "stops first, then moves" : "is to move";
  const why = instanceWhy(successor, mode);
  if (successor.hostId === null) return `waits: ${why}`;
  const state = successor.state === "backoff" ? "crashed, and is started again" : successor.state;
  return `its successor on ${nameOf(successor.hostId) ?? "another host"}: ${why ?? state}`;
}
