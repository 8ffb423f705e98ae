// Carries a plan out at the keeper; what fails is said and tried again with the next plan.
import { mkdirSync } from "node:fs";
import type { Desired, DesiredRelease } from "../protocol/channel.ts";
import type { KeeperInstance } from "../protocol/keeper.ts";
import type { Policy } from "../protocol/policy.ts";
import { homeDir, programEnv } from "./environment.ts";
import type { KeeperAnswer, KeeperClient } from "./keeper-client.ts";
import type { Operation } from "./reconcile.ts";
import { type Log, messageOf, unreachable } from "./world.ts";

export interface ExecuteOptions {
  readonly log: Log;
  readonly state: string;
  readonly workerId: string;
  readonly programPath: string;
  readonly keeper: KeeperClient;
  readonly policy: () => Policy;
  readonly desired: Desired | null;
  readonly make: (release: DesiredRelease) => void;
  /** Instance id to why the keeper did not take it. */
  readonly refused: Map<string, string>;
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

async function ensure(
  { instance, release, cwd }: Extract<Operation, { kind: "ensure" }>,
  options: ExecuteOptions,
): Promise<KeeperAnswer> {
  const { state, workerId, programPath, desired, keeper, policy } = options;
  const home = homeDir(state, workerId);
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    return { ok: false, code: "disk", message: messageOf(error) };
  }
  const names = { project: desired?.project ?? "", worker: desired?.worker ?? "" };
  const full: KeeperInstance = {
    instanceId: instance.instanceId,
    workerId,
    slot: instance.slot,
    generation: instance.generation,
    release: release.number,
    command: release.startCommand,
    cwd,
    env: programEnv({ programPath, home, desired: names, instance, release }),
    stopSignal: release.stopSignal,
    graceMs: release.stopGraceMs,
    restart: policy().restart,
    mode: release.mode,
  };
  return keeper.ensure(full);
}
