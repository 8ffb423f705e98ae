// What all workers of a host share, and how their releases are made with it.
import { join } from "node:path";
import {
  CHANNEL_PROTOCOL,
  type Desired,
  type DesiredRelease,
  type WorkerHello,
} from "../protocol/channel.ts";
import type { Policy } from "../protocol/policy.ts";
import type { BuildRun } from "./artifacts/build.ts";
import type { PrepareRun } from "./artifacts/prepare.ts";
import type { ReleaseStore } from "./artifacts/store.ts";
import type { KeeperClient } from "./keeper-client.ts";
import type { Reader } from "./logs/reader.ts";
import type { Users } from "./users/users.ts";
import type { Log, World } from "./world.ts";

export interface Shared {
  readonly world: World;
  readonly log: Log;
  readonly state: string;
  readonly programPath: string;
  readonly git: BuildRun["git"];
  readonly bootId: string;
  readonly hostId: string;
  readonly url: string;
  readonly keeper: KeeperClient;
  readonly store: ReleaseStore;
  readonly reader: Reader;
  readonly policy: () => Policy;
  readonly users: Users;
  /** Of the host. */
  readonly memoryBytes: number;
  readonly epoch: () => number;
  readonly headers: () => Readonly<Record<string, string>>;
}

/** The first words on a worker channel. */
export function workerHello({ bootId, epoch, hostId, keeper }: Shared): string {
  const hello: WorkerHello = {
    type: "hello",
    protocol: CHANNEL_PROTOCOL,
    hostId,
    epoch: epoch(),
    bootId: keeper.host?.bootId ?? bootId,
  };
  return JSON.stringify(hello);
}

export interface BuildPlan {
  readonly workerId: string;
  readonly desired: Desired | null;
  readonly build: BuildRun["build"];
  readonly spool: string;
}

export function buildRun(shared: Shared, plan: BuildPlan): Omit<BuildRun, "onStep"> {
  const { world, log, state, store, git, programPath, bootId, url, headers } = shared;
  const { workerId, build, spool } = plan;
  const { project = "", projectId, worker = "" } = plan.desired ?? {};
  const limits = shared.policy().artifacts;
  shared.users.open(false);
  const held = {
    users: shared.users.of(projectId),
    house: shared.keeper.host?.house ?? null,
    buildLimits: shared.policy().build,
    memoryBytes: shared.memoryBytes,
  };
  const ours = { world, log, state, store, git, programPath, bootId, url, headers, limits };
  const host = { ...ours, ...held };
  return { ...host, workerId, project, worker, build, spool };
}

/** A release that another host built; where it has to be made here from the same commit, its output is not shipped. */
export function releaseRun(
  shared: Shared,
  plan: { workerId: string; desired: Desired | null; release: DesiredRelease },
): Omit<PrepareRun, "onProgress"> {
  const { workerId, desired, release } = plan;
  const { source, env, allowLocalRepo, number } = release;
  const { repo, commit: ref, rootDir, buildCommand } = source;
  const deadlineMs = shared.policy().rollout.buildDeadlineMs;
  const build = { repo, ref, rootDir, buildCommand, env, allowLocalRepo, deadlineMs };
  const spool = join(shared.state, "builds", `prepare-${workerId}-${number}`, "output.build");
  return { ...buildRun(shared, { workerId, desired, build, spool }), release };
}

const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** An id becomes part of a path: what isn't one is named, so that the whole set is refused. */
export function strangeId(
  desired: Pick<Desired, "run" | "stop" | "builds" | "jobs">,
): string | null {
  const ids = [...desired.run, ...desired.stop].map(({ instanceId }) => instanceId);
  const jobs = desired.jobs.map(({ jobId }) => jobId);
  const all = [...ids, ...jobs, ...desired.builds.map(({ deployId }) => deployId)];
  return all.find((id) => !isSafeId(id)) ?? null;
}

export function isSafeId(id: string): boolean {
  return ID.test(id);
}
