// The complete report of one worker on this host, from what the keeper says and what still waits here. Pure.
import {
  type BuildReport,
  CHANNEL_LEASES_SINCE,
  type DesiredInstance,
  type DesiredRelease,
  type ExitReport,
  type ObservedInstance,
  type ObservedJob,
  type Report,
} from "../protocol/channel.ts";
import type { InstanceState } from "../protocol/instance.ts";
import { KEEPER_LEASES_SINCE, type KeeperObserved, type KeeperState } from "../protocol/keeper.ts";
import type { Mirrored } from "./keeper-client.ts";
import { unreachable } from "./world.ts";

export interface ReportInput {
  readonly epoch: number;
  readonly revision: number;
  readonly bootId: string;
  readonly now: number;
  readonly soakMs: number;
  /** What the keeper and the other side of the channel speak: both have to know of leases. */
  readonly protocols: { readonly keeper: number; readonly channel: number };
  /** Those of the desired set: a keeper of protocol 1 doesn't tell which of its instances are exclusive. */
  readonly releases: readonly Pick<DesiredRelease, "number" | "mode">[];
  readonly instances: readonly Mirrored[];
  /** To run here, not yet at the keeper, each with the sentence that says why. */
  readonly waiting: readonly { readonly instance: DesiredInstance; readonly detail: string }[];
  readonly exits: readonly ExitReport[];
  readonly builds: readonly BuildReport[];
  readonly jobs: readonly ObservedJob[];
}

export function makeReport(input: ReportInput): Report {
  const { epoch, revision, bootId, exits, builds, jobs } = input;
  const known = input.instances.map((mirrored) => observe(input, mirrored));
  const waiting = input.waiting.map(({ instance, detail }): ObservedInstance => {
    const { instanceId, slot, generation, release } = instance;
    const identity = { instanceId, slot, generation, release, bootId };
    return { ...identity, ...NO_PROCESS, state: "starting", attempt: 0, restarts: 0, detail };
  });
  const instances = [...known, ...waiting];
  return {
    type: "report",
    epoch,
    revision,
    instances,
    exits: [...exits],
    builds: [...builds],
    jobs: [...jobs],
  };
}

const NO_PROCESS = { pid: null, startedAt: null, restartInMs: null } as const;

function observe(input: ReportInput, { observed, toldAt }: Mirrored): ObservedInstance {
  const { instanceId, slot, generation, release, restarts, state } = observed;
  const sinceMs = Math.max(0, input.now - toldAt);
  const place = { instanceId, slot, generation, release, bootId: input.bootId, restarts };
  const running = state.kind === "running" ? state : null;
  return {
    ...place,
    state: stateOf(state, sinceMs, input.soakMs),
    attempt: observed.attempt,
    pid: running?.pid ?? (state.kind === "stopping" ? state.pid : null),
    startedAt: running?.startedAt ?? null,
    restartInMs:
      state.kind === "backoff" ? Math.max(0, Math.round(state.restartInMs - sinceMs)) : null,
    detail: detailOf(input, observed),
  };
}

export const WAITS_FOR_LEASE = "Waiting for its lease.";
export const LOST_LEASE = "Its lease ran out before it was renewed.";
export const KEEPER_TOO_OLD =
  "The keeper on this host is too old for exclusive instances: upgrade it.";
export const CONTROL_PLANE_TOO_OLD =
  "The control plane is too old for exclusive instances: upgrade it.";

function detailOf(
  { protocols, releases }: ReportInput,
  { mode, release, state }: KeeperObserved,
): string | null {
  if (state.kind === "stopping" && state.fencing) return LOST_LEASE;
  if (state.kind !== "starting") return null;
  const known = mode ?? releases.find(({ number }) => number === release)?.mode;
  if (known !== "exclusive") return null;
  if (protocols.keeper < KEEPER_LEASES_SINCE) return KEEPER_TOO_OLD;
  return protocols.channel < CHANNEL_LEASES_SINCE ? CONTROL_PLANE_TOO_OLD : WAITS_FOR_LEASE;
}

function stateOf(state: KeeperState, sinceMs: number, soakMs: number): InstanceState {
  switch (state.kind) {
    case "running":
      return state.uptimeMs + sinceMs >= soakMs ? "healthy" : "running";
    case "starting":
    case "backoff":
    case "stopping":
    case "stopped":
      return state.kind;
    default:
      return unreachable(state);
  }
}

/** How long until the next running instance becomes healthy by itself; null where none will. */
export function nextHealthyMs(
  instances: readonly Mirrored[],
  now: number,
  soakMs: number,
): number | null {
  let next: number | null = null;
  for (const { observed, toldAt } of instances) {
    if (observed.state.kind !== "running") continue;
    const leftMs = soakMs - observed.state.uptimeMs - Math.max(0, now - toldAt);
    if (leftMs > 0 && (next === null || leftMs < next)) next = leftMs;
  }
  return next;
}

/** True where both say the same; the countdown of a back-off is no news. */
export function sameReport(a: Report, b: Report): boolean {
  const still = (report: Report) =>
    JSON.stringify({
      ...report,
      instances: report.instances.map((instance) => ({ ...instance, restartInMs: null })),
    });
  return still(a) === still(b);
}
