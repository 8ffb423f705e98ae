// The program's world: its own variables and a handful of ours, nothing of the agent's environment.
//
// 1. PATH, HOME and LANG are defaults that the user's variables override; COPPICE_* can't be overridden.
// 2. No PORT, unless the user set one.
import { join } from "node:path";
import type {
  Build,
  Desired,
  DesiredInstance,
  DesiredJob,
  DesiredRelease,
} from "../protocol/channel.ts";

export const DEFAULT_PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export type Env = Readonly<Record<string, string>>;

function compose(defaults: Env, own: Env, ours: Env): Env {
  const kept = Object.entries(own).filter(([name]) => !name.startsWith("COPPICE_"));
  return { ...defaults, ...Object.fromEntries(kept), ...ours };
}

export interface ProgramEnvOptions {
  readonly programPath: string;
  readonly home: string;
  readonly desired: Pick<Desired, "project" | "worker">;
  readonly instance: DesiredInstance;
  readonly release: DesiredRelease;
}

export function programEnv(options: ProgramEnvOptions): Env {
  const { programPath, home, desired, instance, release } = options;
  return compose({ PATH: programPath, HOME: home, LANG: "C.UTF-8" }, release.env, {
    COPPICE_PROJECT: desired.project,
    COPPICE_WORKER: desired.worker,
    COPPICE_SLOT: String(instance.slot),
    COPPICE_INSTANCE: instance.instanceId,
    COPPICE_GENERATION: String(instance.generation),
    COPPICE_RELEASE: String(release.number),
    COPPICE_COMMIT: release.source.commit,
  });
}

export interface JobEnvOptions extends Omit<ProgramEnvOptions, "instance"> {
  readonly job: Pick<DesiredJob, "jobId" | "generation" | "kind">;
}

/** As the release's programs have it, but for the slot: it fills none. */
export function jobEnv(options: JobEnvOptions): Env {
  const { programPath, home, desired, job, release } = options;
  return compose({ PATH: programPath, HOME: home, LANG: "C.UTF-8" }, release.env, {
    COPPICE_PROJECT: desired.project,
    COPPICE_WORKER: desired.worker,
    COPPICE_JOB: job.kind,
    COPPICE_INSTANCE: job.jobId,
    COPPICE_GENERATION: String(job.generation),
    COPPICE_RELEASE: String(release.number),
    COPPICE_COMMIT: release.source.commit,
  });
}

export interface BuildEnvOptions {
  readonly programPath: string;
  readonly home: string;
  readonly project: string;
  readonly worker: string;
  readonly commit: string;
  /** Where it is made. */
  readonly dir: string;
  readonly env: Build["env"];
}

/** The entry by which all that a build started is known. */
export function buildMark(dir: string): string {
  return `COPPICE_BUILD=${dir}`;
}

/** A build sees what the program will see, but for what only an instance has; its HOME keeps the caches. */
export function buildEnv(options: BuildEnvOptions): Env {
  const { programPath, home, project, worker, commit, dir, env } = options;
  return compose({ PATH: programPath, HOME: home, LANG: "C.UTF-8" }, env, {
    COPPICE_PROJECT: project,
    COPPICE_WORKER: worker,
    COPPICE_COMMIT: commit,
    COPPICE_BUILD: dir,
  });
}

/** A worker's HOME when it runs. */
export function homeDir(state: string, workerId: string): string {
  return join(state, "homes", workerId);
}

/** A worker's HOME when it is built: caches of package managers outlive a build here. */
export function cacheDir(state: string, workerId: string): string {
  return join(state, "cache", workerId);
}
