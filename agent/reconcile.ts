// What to do so that the host becomes what is desired: desired set and the keeper's view in, operations out. Pure.
//
// 1. Absence stops nothing: only a tombstone does. Without a desired set nothing is started or stopped.
// 2. A tombstone beats `run`, and an instance known to be gone is never ensured again.
// 3. An older revision than the one held is not taken.
// 4. A job is begun once: never where the object knows that it began, nor where its end is known.
// 5. Carrying the plan out and planning again gives an empty plan.
import type {
  Desired,
  DesiredInstance,
  DesiredJob,
  DesiredRelease,
  Tombstone,
} from "../protocol/channel.ts";
import type { KeeperObserved } from "../protocol/keeper.ts";

export type ReleaseOnDisk =
  | { readonly kind: "ready"; readonly cwd: string }
  | { readonly kind: "preparing" }
  /** The last try failed; `again` once it is time for the next one. */
  | { readonly kind: "failed"; readonly message: string; readonly again: boolean }
  | { readonly kind: "absent" };

export interface ReconcileInput {
  readonly desired: Desired | null;
  /** This worker's instances at the keeper. */
  readonly instances: ReadonlyMap<string, KeeperObserved>;
  readonly releaseOnDisk: (release: DesiredRelease) => ReleaseOnDisk;
  /** Known by the object to be stopped for good. */
  readonly gone: ReadonlySet<string>;
  /** Nothing of its output or its exits is still to be told. */
  readonly isShipped: (instanceId: string) => boolean;
}

export const REASONS = {
  wanted: "its place is to be filled",
  missing: "an instance or a job needs this release",
  again: "the last try to prepare it failed",
  tombstone: "its stop was ordered",
  gone: "its end is known and its output shipped",
} as const;
export type OperationReason = keyof typeof REASONS;

export type Operation =
  | {
      readonly kind: "prepare";
      readonly release: DesiredRelease;
      readonly reason: "missing" | "again";
    }
  | {
      readonly kind: "ensure";
      readonly instance: DesiredInstance;
      readonly release: DesiredRelease;
      readonly cwd: string;
      readonly reason: "wanted";
    }
  | {
      readonly kind: "begin";
      readonly job: DesiredJob;
      readonly release: DesiredRelease;
      readonly cwd: string;
      readonly reason: "wanted";
    }
  | { readonly kind: "stop"; readonly tombstone: Tombstone; readonly reason: "tombstone" }
  | { readonly kind: "remove"; readonly instanceId: string; readonly reason: "gone" };

/** The newer of both; the same revision again is a repeat and harmless. */
export function newerDesired(held: Desired | null, offered: Desired): Desired {
  return held !== null && offered.revision < held.revision ? held : offered;
}

export function reconcile(input: ReconcileInput): Operation[] {
  return [...stops(input), ...starts(input), ...removals(input)];
}

function stops({ desired, instances }: ReconcileInput): Operation[] {
  return (desired?.stop ?? []).flatMap((tombstone): Operation[] => {
    const state = instances.get(tombstone.instanceId)?.state;
    if (state === undefined || state.kind === "stopped") return [];
    // One that only lost its lease would start again under the next.
    if (state.kind === "stopping" && !state.fencing) return [];
    return [{ kind: "stop", tombstone, reason: "tombstone" }];
  });
}

/** Instances that are to run here. */
function wantedInstances({
  desired,
  gone,
}: Pick<ReconcileInput, "desired" | "gone">): DesiredInstance[] {
  if (desired === null) return [];
  const stopped = new Set(desired.stop.map((tombstone) => tombstone.instanceId));
  return desired.run.filter(({ instanceId }) => !stopped.has(instanceId) && !gone.has(instanceId));
}

/** Those of them that the keeper does not have yet. */
export function waitingInstances(
  input: Pick<ReconcileInput, "desired" | "instances" | "gone">,
): DesiredInstance[] {
  return wantedInstances(input).filter(({ instanceId }) => !input.instances.has(instanceId));
}

/** Jobs that the keeper does not have yet and that may be begun. */
export function waitingJobs({
  desired,
  gone,
  instances,
}: Pick<ReconcileInput, "desired" | "instances" | "gone">): DesiredJob[] {
  const stopped = new Set(desired?.stop.map((tombstone) => tombstone.instanceId));
  return (desired?.jobs ?? []).filter(
    ({ begun, jobId }) =>
      !begun && !stopped.has(jobId) && !gone.has(jobId) && !instances.has(jobId),
  );
}

type Need =
  | { readonly release: number; readonly job: DesiredJob }
  | { readonly release: number; readonly instance: DesiredInstance };

/** What is to be done once a release lies ready; nothing where the keeper has it already. */
function useOf(input: ReconcileInput, need: Need, release: DesiredRelease, cwd: string) {
  const ready = { release, cwd, reason: "wanted" } as const;
  if ("job" in need) return [{ kind: "begin", job: need.job, ...ready } as const];
  const { instance } = need;
  if (input.instances.has(instance.instanceId)) return [];
  return [{ kind: "ensure", instance, ...ready } as const];
}

/** A release is prepared for instances that the keeper has, too: their next attempt needs its files. */
function starts(input: ReconcileInput): Operation[] {
  const needs: Need[] = [
    ...wantedInstances(input).map((instance) => ({ release: instance.release, instance })),
    ...waitingJobs(input).map((job) => ({ release: job.release, job })),
  ];
  const releases = new Map(input.desired?.releases.map((release) => [release.number, release]));
  const looked = new Map<number, ReleaseOnDisk>();
  return needs.flatMap((need): Operation[] => {
    const release = releases.get(need.release);
    if (release === undefined) return [];
    const before = looked.get(release.number);
    const onDisk = before ?? input.releaseOnDisk(release);
    looked.set(release.number, onDisk);
    if (onDisk.kind === "ready") return useOf(input, need, release, onDisk.cwd);
    const again = onDisk.kind === "failed" && onDisk.again;
    if ((onDisk.kind !== "absent" && !again) || before !== undefined) return [];
    return [{ kind: "prepare", release, reason: again ? "again" : "missing" }];
  });
}

function removals({ instances, gone, isShipped }: ReconcileInput): Operation[] {
  return [...gone].flatMap((instanceId): Operation[] => {
    const stopped = instances.get(instanceId)?.state.kind === "stopped";
    return stopped && isShipped(instanceId) ? [{ kind: "remove", instanceId, reason: "gone" }] : [];
  });
}
