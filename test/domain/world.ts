// A worker in memory: applies plans the way the object's store does, and plays host for the properties.
import { type HostId, type InstanceId, predeployJobId } from "../../protocol/ids.ts";
import { DEFAULT_POLICY, type Policy } from "../../protocol/policy.ts";
import type { WorkerSpec } from "../../protocol/spec.ts";
import { reconcile } from "../../src/domain/reconcile.ts";
import {
  type Deploy,
  deployEnded,
  type Instance,
  type Job,
  type Operation,
  type WorkerState,
} from "../../src/domain/worker.ts";

export const HOST = "hst_a" as HostId;

export const SPEC: WorkerSpec = {
  name: "mailer",
  repo: "https://example.com/shop.git",
  branch: "main",
  rootDir: ".",
  buildCommand: null,
  startCommand: "node mailer.js",
  instances: 3,
  mode: "available",
  stopSignal: "SIGTERM",
  stopGraceMs: 30_000,
  predeployCommand: null,
  rollout: "start-first",
  memoryBytes: null,
  cpus: null,
  pids: null,
  openFiles: null,
  hosts: {},
  groups: [],
  paths: [],
  wanted: "running",
};

export class World {
  now = 1_000_000;
  policy: Policy = DEFAULT_POLICY;
  spec: WorkerSpec = SPEC;
  base: WorkerState["base"] = null;
  deploys: Deploy[] = [];
  ended: Deploy[] = [];
  instances: Instance[] = [];
  jobs: Job[] = [];
  /** Whether releases have a predeploy command. */
  predeploys = false;
  silent = new Map<HostId, number>();
  /** Numbers of releases. */
  exclusive = new Set<number>();
  frozen = new Set<HostId>();
  draining = new Map<HostId, "moving" | "overdue">();
  log: Operation[] = [];
  #generation = 0;
  #release = 0;

  state(): WorkerState {
    return {
      spec: this.spec,
      specVersion: 1,
      base: this.base,
      deploys: this.deploys,
      instances: this.instances,
      jobs: this.jobs,
      silentHosts: this.silent,
      exclusiveReleases: this.exclusive,
      frozenHosts: this.frozen,
      drainingHosts: this.draining,
    };
  }

  /** Reconciles until there is nothing to do; gives the operations that were applied. */
  settle(): Operation[] {
    const all: Operation[] = [];
    for (let round = 0; round < 50; round++) {
      const { operations } = reconcile(this.state(), this.now, this.policy);
      if (operations.length === 0) {
        this.log.push(...all);
        return all;
      }
      for (const operation of operations) this.apply(operation);
      all.push(...operations);
    }
    throw new Error(`the plan does not settle: ${JSON.stringify(all.slice(-6))}`);
  }

  apply(operation: Operation): void {
    switch (operation.op) {
      case "create":
        this.instances.push(this.#make(operation));
        break;
      case "stop":
        this.change(operation.instance, (one) => ({
          stop: { reason: operation.reason, why: operation.why, at: this.now },
          state: one.state === "lost" ? "lost" : "stopping",
        }));
        break;
      case "discard":
        this.instances = this.instances.filter((one) => one.id !== operation.instance);
        break;
      case "base":
        this.base = operation.base;
        break;
      case "deploy":
        this.#moveDeploy(operation);
        break;
      case "job":
        this.#makeJob(operation);
        break;
      case "stop_job":
        this.changeJob(operation.job, () => ({ stop: { why: operation.why, at: this.now } }));
        break;
      case "forget_job":
        this.jobs = this.jobs.filter((one) => one.id !== operation.job);
        break;
    }
  }

  #makeJob({ deploy, release }: Extract<Operation, { op: "job" }>): void {
    const id = predeployJobId(`dep_${deploy}` as Deploy["id"]);
    // Made twice, it would run twice.
    if (this.begun.has(id)) throw new Error(`${id} is made again`);
    this.begun.add(id);
    this.jobs = [
      ...this.jobs,
      {
        ...{ id, deploy, release, generation: ++this.#generation, hostId: null, begun: false },
        ...{ createdAt: this.now, placedAt: null, stop: null, graceMs: 5_000 },
        ...{ outcome: null, tail: [] },
      },
    ];
  }

  readonly begun = new Set<string>();

  changeJob(id: string, patch: (one: Job) => Partial<Job>): void {
    this.jobs = this.jobs.map((one) => (one.id === id ? { ...one, ...patch(one) } : one));
  }

  placeJobs(hostId: HostId = HOST): void {
    for (const one of this.jobs)
      if (one.hostId === null)
        this.changeJob(one.id, () => ({ hostId, placedAt: this.now, begun: true }));
  }

  /** All that were placed end like that; those that were to stop end as stopped. */
  endJobs(exitCode: number, tail: readonly string[] = []): void {
    for (const one of this.jobs) {
      if (one.hostId === null || one.outcome) continue;
      const outcome: Job["outcome"] = one.stop
        ? { kind: "stopped", uptimeMs: 5, tail: [] }
        : { kind: "exited", exitCode, signal: null, oom: false, uptimeMs: 5, tail: [] };
      this.changeJob(one.id, () => ({ outcome, tail }));
    }
    this.settle();
  }

  #make(operation: Extract<Operation, { op: "create" }>): Instance {
    const generation = ++this.#generation;
    return {
      id: `ins_${generation}` as InstanceId,
      slot: operation.slot,
      generation,
      deploy: operation.deploy,
      release: operation.release,
      mode: this.exclusive.has(operation.release) ? "exclusive" : "available",
      leased: false,
      hostId: null,
      state: "pending",
      attempt: 0,
      bootId: null,
      pid: null,
      startedAt: null,
      restarts: 0,
      restartAt: null,
      detail: null,
      createdAt: this.now,
      placedAt: null,
      firstRunningAt: null,
      healthyAt: null,
      soakCrashes: 0,
      stop: null,
    };
  }

  #moveDeploy(operation: Extract<Operation, { op: "deploy" }>): void {
    const { number, repeats, to, reason } = operation;
    const deploy = this.deploys.find((one) => one.number === number);
    if (!deploy) throw new Error(`no deploy ${number}`);
    const again = repeats ? { release: repeats.release, proven: repeats.live } : {};
    const moved = { ...deploy, ...again, status: to, reason, statusAt: this.now };
    this.deploys = this.deploys.filter((one) => one !== deploy);
    if (deployEnded(to)) this.ended.push(moved);
    else this.deploys = [...this.deploys, moved].sort((a, b) => a.number - b.number);
  }

  change(id: string, patch: (one: Instance) => Partial<Instance>): void {
    this.instances = this.instances.map((one) => (one.id === id ? { ...one, ...patch(one) } : one));
  }

  /** Asks for a deploy; `built` skips the build. */
  deploy(options: { kind?: Deploy["kind"]; built?: boolean; proven?: boolean } = {}): number {
    const number = this.#nextNumber();
    const kind = options.kind ?? "deploy";
    const release = kind === "restart" ? (this.base?.release ?? null) : null;
    this.#queue({ number, kind, release, proven: options.proven ?? kind === "restart" });
    this.settle();
    if (options.built !== false) this.finishBuild(number);
    return number;
  }

  /** Goes back to what was live at `release`: a release of its own, and all that was asked for before is canceled. */
  rollback(): number | null {
    if (!this.base?.live) return null;
    const before = [...this.deploys];
    const number = this.#nextNumber();
    for (const one of before)
      this.apply({ op: "deploy", number: one.number, to: "canceled", reason: "rolled back" });
    const release = ++this.#release;
    if (this.exclusive.has(this.base.release)) this.exclusive.add(release);
    this.#queue({ number, kind: "rollback", release, proven: true });
    this.settle();
    return number;
  }

  #nextNumber(): number {
    return 1 + Math.max(0, ...[...this.deploys, ...this.ended].map((one) => one.number));
  }

  #queue(asked: Pick<Deploy, "number" | "kind" | "release" | "proven">): void {
    const deploy: Deploy = {
      id: `dep_${asked.number}` as Deploy["id"],
      ...asked,
      status: "queued",
      reason: null,
      ref: null,
      commit: null,
      commitMessage: null,
      steps: [],
      tail: [],
      actor: "test",
      createdAt: this.now,
      statusAt: this.now,
      buildHostId: null,
    };
    this.deploys = [...this.deploys, deploy];
  }

  /** As the API does it: one that has ended meanwhile is left alone. */
  cancel(number: number): void {
    if (!this.deploys.some((one) => one.number === number)) return;
    this.apply({ op: "deploy", number, to: "canceled", reason: "by test" });
    this.settle();
  }

  finishBuild(number: number): void {
    const deploy = this.deploys.find((one) => one.number === number);
    if (deploy?.status !== "building") return;
    const release = ++this.#release;
    if (this.spec.mode === "exclusive") this.exclusive.add(release);
    this.deploys = this.deploys.map((one) =>
      one === deploy
        ? {
            ...{ ...one, release, statusAt: this.now },
            status: this.predeploys ? "predeploy" : "rolling_out",
          }
        : one,
    );
    this.settle();
  }

  place(hostId: HostId = HOST): void {
    for (const one of this.instances) {
      if (one.hostId === null) {
        this.change(one.id, () => ({ hostId, state: "starting", placedAt: this.now }));
      }
    }
  }

  /** Every placed instance that may run does, and tombstoned ones end. */
  run(options: { healthy: boolean }): void {
    this.place();
    this.instances = this.instances.filter((one) => one.stop === null || one.state === "lost");
    for (const one of this.instances) {
      if (one.state === "lost") continue;
      this.change(one.id, (old) => ({
        state: options.healthy ? "healthy" : "running",
        attempt: Math.max(1, old.attempt),
        firstRunningAt: old.firstRunningAt ?? this.now,
        healthyAt: old.healthyAt ?? (options.healthy ? this.now : null),
      }));
    }
    this.settle();
  }

  /** Silent from now on. */
  lose(hostId: HostId): void {
    if (!this.silent.has(hostId)) this.silent.set(hostId, this.now);
  }

  crash(id: string): void {
    this.change(id, (one) => ({
      state: "backoff",
      restarts: one.restarts + 1,
      firstRunningAt: one.firstRunningAt ?? this.now,
      soakCrashes: one.soakCrashes + (one.healthyAt === null ? 1 : 0),
    }));
    this.settle();
  }

  converge(): void {
    for (let i = 0; i < 400; i++) {
      const before = JSON.stringify(this.state());
      this.now += 11_000;
      for (const deploy of this.deploys) this.finishBuild(deploy.number);
      this.placeJobs();
      this.endJobs(0);
      this.run({ healthy: true });
      if (JSON.stringify(this.state()) === before) return;
    }
    throw new Error("it does not come to rest");
  }

  occupied(): number[] {
    return this.instances
      .filter((one) => one.stop === null)
      .map((one) => one.slot)
      .sort((a, b) => a - b);
  }

  status(number: number): string | undefined {
    return [...this.deploys, ...this.ended].find((one) => one.number === number)?.status;
  }
}

export function scaled(world: World, instances: number): void {
  world.spec = { ...world.spec, instances };
  world.settle();
}
