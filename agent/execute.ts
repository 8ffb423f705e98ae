// Carries a plan out at the keeper; what fails is said and tried again with the next plan.
import type { Desired, DesiredRelease } from "../protocol/channel.ts";
import type { Policy } from "../protocol/policy.ts";
import { homeDir, jobEnv, programEnv } from "./environment.ts";
import type { Jobs } from "./jobs.ts";
import type { KeeperAnswer, KeeperClient } from "./keeper-client.ts";
import type { Operation } from "./reconcile.ts";
import type { Users } from "./users/users.ts";
import { type Log, messageOf, unreachable } from "./world.ts";

export interface ExecuteOptions {
  readonly log: Log;
  readonly state: string;
  readonly workerId: string;
  readonly programPath: string;
  readonly keeper: KeeperClient;
  readonly policy: () => Policy;
  readonly users: Users;
  readonly desired: Desired | null;
  readonly make: (release: DesiredRelease) => void;
  /** Instance id to why the keeper did not take it. */
  readonly refused: Map<string, string>;
  readonly jobs: Pick<Jobs, "answered">;
}

export interface Executed {
  readonly stopFailed: boolean;
  readonly anyFailed: boolean;
}

export async function execute(
  plan: readonly Operation[],
  options: ExecuteOptions,
): Promise<Executed> {
  const answers = await Promise.all(
    plan.map(async (operation) => ({ operation, answer: await carryOut(operation, options) })),
  );
  const failed = answers.filter(({ answer }) => !answer.ok);
  return {
    stopFailed: failed.some(({ operation }) => operation.kind === "stop"),
    anyFailed: failed.length > 0,
  };
}

async function carryOut(operation: Operation, options: ExecuteOptions): Promise<KeeperAnswer> {
  const { keeper, log, workerId } = options;
  const { kind, reason } = operation;
  const say = (answer: KeeperAnswer, instanceId: string): KeeperAnswer => {
    if (answer.ok) log.info(kind, { workerId, instanceId, reason });
    else log.warn(`${kind} failed`, { workerId, instanceId, message: answer.message });
    return answer;
  };
  switch (operation.kind) {
    case "prepare":
      log.info("prepare", { workerId, release: operation.release.number, reason });
      options.make(operation.release);
      return { ok: true };
    case "ensure": {
      const { instanceId } = operation.instance;
      const answer = await ensure(operation, options);
      if (answer.ok) options.refused.delete(instanceId);
      else options.refused.set(instanceId, `The keeper did not take it: ${answer.message}`);
      return say(answer, instanceId);
    }
    case "begin": {
      const { jobId } = operation.job;
      const answer = await begin(operation, options);
      // What it refuses for good is no failure that is tried again.
      const isFinal = options.jobs.answered(jobId, answer);
      return say(isFinal ? { ok: true } : answer, jobId);
    }
    case "stop": {
      const { instanceId, graceMs, reason: why } = operation.tombstone;
      const answer = await keeper.stopInstance({ instanceId, graceMs, reason: why });
      // What the keeper does not know does not run.
      const unknown = !answer.ok && answer.code === "unknown_instance";
      return say(unknown ? { ok: true } : answer, instanceId);
    }
    case "remove":
      return say(await keeper.remove(operation.instanceId), operation.instanceId);
    default:
      return unreachable(operation);
  }
}

interface Place {
  readonly home: string;
  /** Absent where everything runs as the keeper itself. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A HOME and a user for that worker's programs, and the release as the user may read it; a word where the disk refuses. */
async function makePlace(
  cwd: string,
  { desired, keeper, state, users, workerId }: ExecuteOptions,
): Promise<Place | { readonly refused: KeeperAnswer }> {
  const home = homeDir(state, workerId);
  // A keeper that is older than this runs everything as itself.
  const project = keeper.host?.house ? users.of(desired?.projectId) : null;
  try {
    users.open(false);
    await users.home(home, project?.program ?? null);
    if (project !== null) await users.release(cwd, project);
  } catch (error) {
    return { refused: { ok: false, code: "disk", message: messageOf(error) } };
  }
  return { home, ...(project ? { user: project.program } : {}) };
}

interface Program {
  readonly release: DesiredRelease;
  readonly cwd: string;
  readonly place: Place;
}

/** What an instance and a job have in common. */
function programOf({ release, cwd, place }: Program, { workerId, policy }: ExecuteOptions) {
  return {
    workerId,
    release: release.number,
    cwd,
    stopSignal: release.stopSignal,
    graceMs: release.stopGraceMs,
    restart: policy().restart,
    ...(release.limits ? { limits: release.limits } : {}),
    ...(place.user ? { user: place.user } : {}),
  };
}

function namesOf(desired: Desired | null): Pick<Desired, "project" | "worker"> {
  return { project: desired?.project ?? "", worker: desired?.worker ?? "" };
}

async function ensure(
  { instance, release, cwd }: Extract<Operation, { kind: "ensure" }>,
  options: ExecuteOptions,
): Promise<KeeperAnswer> {
  const { programPath, keeper } = options;
  const place = await makePlace(cwd, options);
  if ("refused" in place) return place.refused;
  const { home } = place;
  const desired = namesOf(options.desired);
  return keeper.ensure({
    ...programOf({ release, cwd, place }, options),
    instanceId: instance.instanceId,
    slot: instance.slot,
    generation: instance.generation,
    command: release.startCommand,
    env: programEnv({ programPath, home, desired, instance, release }),
    mode: release.mode,
  });
}

/** Under the keeper like an instance, so that it outlives this agent; its one attempt is in this boot or never. */
async function begin(
  { job, release, cwd }: Extract<Operation, { kind: "begin" }>,
  options: ExecuteOptions,
): Promise<KeeperAnswer> {
  const { programPath, keeper } = options;
  const place = await makePlace(cwd, options);
  if ("refused" in place) return place.refused;
  const { home } = place;
  const desired = namesOf(options.desired);
  return keeper.begin({
    ...programOf({ release, cwd, place }, options),
    instanceId: job.jobId,
    slot: 0,
    generation: job.generation,
    command: job.command,
    env: jobEnv({ programPath, home, desired, job, release }),
    mode: "available",
  });
}
