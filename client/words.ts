// What the command line and the dashboard say alike: modes, how far a host may be used, why an instance does not run.
import type { Schemas } from "./index.ts";

type Host = Schemas["Host"];
type Instance = Schemas["Instance"];
type Mode = Schemas["WorkerService"]["mode"];

export { MODE_MEANING, ROLLOUT_MEANING } from "../protocol/words.ts";

/** What a host is used for besides how it does; `draining` until it is empty, then `drained`. */
export type HostUse = "open" | "cordoned" | "draining" | "drained";

export function hostUse({
  cordoned,
  drainUntil,
  used,
}: Pick<Host, "cordoned" | "drainUntil" | "used">): HostUse {
  if (drainUntil !== null) return used > 0 ? "draining" : "drained";
  return cordoned ? "cordoned" : "open";
}

/** `2 of 4 hosts were lost at once`; null where replacement goes on. The hosts may have been told at different times. */
export function frozenWords(hosts: readonly Pick<Host, "frozen">[]): string | null {
  const [first] = hosts
    .flatMap(({ frozen }) => frozen ?? [])
    .toSorted((a, b) => b.gone - a.gone || b.of - a.of);
  return first ? `${first.gone} of ${first.of} hosts were lost at once` : null;
}

/** Why it does not run, or what is the matter with it; null where there is nothing to say. */
export function instanceWhy(
  { detail, hostId, state }: Pick<Instance, "detail" | "hostId" | "state">,
  mode: Mode,
): string | null {
  if (state === "pending" && hostId === null) return detail ?? "looks for a host with room";
  const waits = state === "starting" && mode === "exclusive";
  return waits && /^waiting for its lease/i.test(detail ?? "") ? "waits for its lease" : detail;
}

const MECHANISM = {
  cgroup2: "cgroups",
  cgroup1: "cgroups v1",
  sampled: "looking at it",
  rlimit: "process limits",
  none: "nothing",
} as const;

/** What holds each limit on a host: `memory: cgroups, cpus: nothing, …`. */
export function holdsText(holds: NonNullable<Host["facts"]>["holds"]): string {
  if (holds === undefined) return "nothing: its agent is too old";
  const { memory, cpus, pids, openFiles } = holds;
  return [
    `memory: ${MECHANISM[memory]}`,
    `cpus: ${MECHANISM[cpus]}`,
    `pids: ${MECHANISM[pids]}`,
    `open files: ${MECHANISM[openFiles]}`,
  ].join(", ");
}

/** Whom programs run as on a host. */
export function userText({ user }: NonNullable<NonNullable<Host["facts"]>["holds"]>): string {
  return user === "project" ? "a user of their project" : "the agent's own user";
}

/** `region=eu, disk=ssd`. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** The other way round; null where it is no such list. */
export function readLabels(text: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const [, name, value] = /^([^=]+)=([^=]+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) return null;
    labels[name] = value;
  }
  return labels;
}
