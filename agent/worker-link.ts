// One worker on this host: takes what its object desires, has the keeper do it, and reports what is.
//
// 1. No report before the keeper was heard: an empty one would say that nothing runs.
// 2. A revision counts as taken in once its stops are marked at the keeper; what can't start yet is reported so. Never
//    while the keeper is away: it may have taken an instance whose answer was lost.
// 3. An exit is forgotten at the keeper after the object acknowledged it, and an instance after it let go of it.
import { type CloseReason, type Desired, ObjectToWorkerHost } from "../protocol/channel.ts";
import type { Exit } from "../protocol/instance.ts";
import type { KeeperObserved } from "../protocol/keeper.ts";
import { Builds } from "./builds.ts";
import { execute } from "./execute.ts";
import { Exits } from "./exits.ts";
import { Jobs } from "./jobs.ts";
import type { Mirrored } from "./keeper-client.ts";
import { Leases, whatToRenew } from "./leases.ts";
import { AckWatch } from "./link/ack-watch.ts";
import { Connection } from "./link/connection.ts";
import { Outbox } from "./link/outbox.ts";
import { Shipper } from "./logs/shipper.ts";
import { type Loop, startLoop } from "./loop.ts";
import { maskReport } from "./masked.ts";
import { buildMask, Masks, releaseMask } from "./masks.ts";
import { WorkerOutput } from "./output.ts";
import { newerDesired, reconcile, waitingInstances } from "./reconcile.ts";
import { Releases } from "./releases.ts";
import { makeReport } from "./report.ts";
import { buildRun, releaseRun, type Shared, strangeId, workerHello } from "./shared.ts";
import { Soak } from "./soak.ts";
import { unreachable } from "./world.ts";

const RETRY_MS = 1_000;
/** An agent of before there were masks left output, and its object may never tell whose it was. */
const MASKS_WAIT_MS = 60_000;

export interface WorkerLinkOptions extends Shared {
  readonly workerId: string;
  readonly onFatal: (reason: CloseReason) => void;
  /** It may be that nothing of this worker is left here. */
  readonly onMaybeIdle: () => void;
}

type Reason = "keeper" | "desired" | "release" | "acked" | "shipped" | "retry" | "soak";

export class WorkerLink {
  readonly #options: WorkerLinkOptions;
  readonly #connection: Connection<ObjectToWorkerHost>;
  readonly #outbox: Outbox;
  readonly #masks: Masks;
  /** When the channel opened first. */
  #openedAt: number | null = null;
  readonly #shipper: Shipper;
  readonly #output: WorkerOutput;
  readonly #builds: Builds;
  readonly #releases: Releases;
  readonly #exits: Exits;
  readonly #jobs: Jobs;
  readonly #leases: Leases;
  readonly #soak: Soak;
  readonly #ackWatch: AckWatch;
  readonly #loop: Loop<Reason>;
  readonly #gone = new Set<string>();
  /** Why the keeper did not take an instance. */
  readonly #refusals = new Map<string, string>();
  #desired: Desired | null = null;
  #takenRevision = 0;

  constructor(options: WorkerLinkOptions) {
    this.#options = options;
    const { world, log, state, workerId, keeper, policy } = options;
    this.#masks = new Masks({ state, workerId, log });
    this.#exits = new Exits({
      keeper,
      workerId,
      state,
      elapsed: world.elapsed,
      tailLines: () => policy().logs.tailLines,
      ackMs: () => 2 * policy().heartbeat.pongTimeoutMs,
      marksOf: (key) => this.#shipper.marksOf(key),
    });
    const tailOf = (exit: Exit) => this.#exits.tailOf(exit);
    this.#jobs = new Jobs({ keeper, workerId, tailOf });
    this.#shipper = new Shipper({
      world,
      log,
      state,
      workerId,
      policy,
      send: (frame) => this.#connection.send(frame),
      isHeld: (key) =>
        key.stream === "build" ? this.#builds.has(key.instanceId) : this.#exits.has(key),
      onProgress: () => {
        this.#outbox.released();
        if (this.#gone.size > 0) this.#loop.wake("shipped");
        if (this.#shipper.isEmpty) options.onMaybeIdle();
      },
      masker: () => this.#masks.masker,
      mayShip: () => this.#masks.isKnown || this.#isOverdue(),
      onFlushed: (id) => void this.#connection.send(JSON.stringify({ type: "flushed", id })),
    });
    const { bootId, reader } = options;
    const parts = { shipper: this.#shipper, exits: this.#exits };
    this.#output = new WorkerOutput({ state, bootId, keeper, reader, ...parts });
    this.#builds = new Builds({
      prepare: (build) =>
        buildRun(options, {
          workerId,
          desired: this.#desired,
          build,
          spool: this.#output.beginBuild(build.deployId),
        }),
      onChange: () => this.#outbox.changed(),
      onEnded: (deployId) => this.#output.endBuild(deployId),
    });
    this.#releases = new Releases({
      world,
      prepare: (release) => releaseRun(options, { workerId, desired: this.#desired, release }),
      isInUse: (release) => this.#observed().some((one) => one.release === release),
      onChange: () => this.#loop.wake("release"),
    });
    this.#outbox = new Outbox({
      world,
      make: (again) => this.#report(again),
      hold: () => this.#output.isBehind(this.#builds.ended(), this.#jobs.exits(this.#gone)),
      needsAck: () => this.#exits.any || this.#builds.needsAck || this.#jobs.anyEnded(this.#gone),
      ackMs: () => 2 * policy().heartbeat.pongTimeoutMs,
      send: (report) => this.#connection.send(JSON.stringify(report)),
    });
    this.#leases = new Leases({
      world,
      log,
      workerId,
      policy: () => policy().lease,
      instances: () => this.#observed(),
      send: (renew) => this.#connection.send(JSON.stringify(renew)),
      grant: (leases) => keeper.lease(leases),
    });
    this.#soak = new Soak({
      world,
      soakMs: () => policy().rollout.soakMs,
      instances: () => this.#programs(),
      onHealthy: () => this.#wake("soak"),
    });
    this.#ackWatch = new AckWatch({
      world,
      limitMs: () => 2 * policy().heartbeat.pongTimeoutMs,
      waitingSince: () => this.#shipper.waitingSince,
      onSilence: () => this.#connection.reopen("frames are not acknowledged"),
    });
    this.#connection = new Connection({
      world,
      log,
      name: workerId,
      url: `${options.url.replace(/^http/, "ws")}/v1/agent/workers/${workerId}`,
      schema: ObjectToWorkerHost,
      policy,
      pingMs: () => policy().heartbeat.workerPingMs,
      exclusive: () => this.hasExclusive,
      headers: options.headers,
      hello: () => workerHello(options),
      onOpen: () => {
        this.#openedAt ??= world.elapsed();
        this.#shipper.opened();
        this.#outbox.opened();
        this.#ackWatch.opened();
        this.#leases.opened(this.#connection.protocol);
      },
      onMessage: (message) => this.#message(message),
      onDown: () => {
        this.#shipper.closed();
        this.#outbox.closed();
        this.#ackWatch.closed();
        this.#leases.closed();
      },
      onFatal: options.onFatal,
    });
    this.#loop = startLoop<Reason>({
      world,
      log,
      name: workerId,
      retryMs: () => RETRY_MS,
      round: () => this.#round(),
    });
    if (keeper.synced) this.keeperSynced();
  }

  connect(): void {
    this.#connection.start();
  }

  /** The host has a new epoch: this channel says so with a new hello. */
  rehello(): void {
    if (this.#connection.phase === "idle") this.#connection.start();
    else this.#connection.reopen("new epoch");
  }

  disconnect(): void {
    this.#connection.stop();
  }

  /** True where neither an instance nor a byte nor a word of this worker is left on the host. */
  get isIdle(): boolean {
    const { isEmpty } = this.#shipper;
    return isEmpty && this.#builds.isEmpty && !this.#exits.any && this.instances().length === 0;
  }

  get desired(): Desired | null {
    return this.#desired;
  }

  /** Something here runs under leases, or is to. */
  get hasExclusive(): boolean {
    const desired = this.#desired?.releases.some(({ mode }) => mode === "exclusive");
    return desired || whatToRenew(this.#observed()).length > 0;
  }

  instances(): Mirrored[] {
    const { keeper, workerId } = this.#options;
    return [...keeper.instances.values()].filter(({ observed }) => observed.workerId === workerId);
  }

  /** Without jobs. */
  #programs(): Mirrored[] {
    return this.instances().filter(({ observed }) => !observed.once);
  }

  #observed(): KeeperObserved[] {
    return this.instances().map(({ observed }) => observed);
  }

  keeperSynced(): void {
    this.#output.synced(this.#observed());
    this.#leases.synced();
    this.#wake("keeper");
  }

  instanceChanged(observed: KeeperObserved): void {
    this.#output.changed(observed);
    this.#leases.changed();
    this.#wake("keeper");
  }

  instanceRemoved(instanceId: string): void {
    this.#output.forget(instanceId);
    this.#wake("keeper");
    this.#options.onMaybeIdle();
  }

  exited(exit: Exit): void {
    const observed = this.#options.keeper.instances.get(exit.instanceId)?.observed;
    if (observed?.workerId !== this.#options.workerId) return;
    this.#output.exited(exit, observed);
    this.#wake("keeper");
  }

  #message(message: ObjectToWorkerHost): void {
    switch (message.type) {
      case "welcome":
        return;
      case "desired":
        this.#take(message);
        return;
      case "ack":
        this.#exits.acked(message.exits);
        this.#builds.acked(message.builds);
        for (const instanceId of message.gone) this.#gone.add(instanceId);
        if (message.builds.length > 0) this.#shipper.settled();
        this.#wake("acked");
        return;
      case "granted":
        this.#leases.granted(message);
        return;
      case "frame_ack":
        this.#shipper.frameAck(message);
        return;
      case "attend":
        this.#shipper.attend(message.forMs);
        return;
      case "flush":
        this.#shipper.flush(message.id);
        return;
      case "refused": {
        const { reason, message: text } = message;
        const { log, workerId } = this.#options;
        log.warn("refused by the worker's object", { workerId, reason, message: text });
        return;
      }
      default:
        unreachable(message);
    }
  }

  #take(offered: Desired): void {
    const { log, workerId } = this.#options;
    const strange = strangeId(offered);
    if (strange !== null) {
      log.error("desired set refused: not an id", { workerId, id: strange.slice(0, 64) });
      return;
    }
    const newer = newerDesired(this.#desired, offered);
    if (newer !== offered) {
      log.warn("older revision ignored", { workerId, revision: offered.revision });
      return;
    }
    if (this.#desired?.revision !== offered.revision)
      log.info("desired", { workerId, revision: offered.revision, run: offered.run.length });
    this.#masks.take(offered, (key) => this.#leavesTraces(key));
    this.#desired = offered;
    this.#builds.want(offered.builds);
    this.#output.endOtherBuilds((deployId) => this.#builds.has(deployId));
    this.#shipper.pump();
    this.#wake("desired");
  }

  /** A release or a build of which output or instances are left. */
  #leavesTraces(key: string): boolean {
    const { builds, releases } = this.#shipper.holds();
    const running = this.#observed().map(({ release }) => releaseMask(release));
    const written = [...[...releases].map(releaseMask), ...[...builds].map(buildMask)];
    return !this.#options.keeper.synced || running.includes(key) || written.includes(key);
  }

  /** Its object tells no set: what it wants no more has to leave all the same. */
  #isOverdue(): boolean {
    const since = this.#openedAt;
    return since !== null && this.#options.world.elapsed() - since > MASKS_WAIT_MS;
  }

  #wake(reason: Reason): void {
    this.#loop.wake(reason);
    this.#outbox.changed();
  }

  async #round(): Promise<void> {
    const { keeper, store } = this.#options;
    if (!keeper.synced) return;
    const { session } = keeper;
    if (await this.#exits.forgetAcked()) this.#shipper.settled();
    if (await this.#jobs.forgetGone(this.#gone)) this.#shipper.settled();
    const desired = this.#desired;
    const instances = new Map(
      this.#observed().map((observed) => [observed.instanceId, observed] as const),
    );
    const plan = reconcile({
      desired,
      instances,
      gone: this.#gone,
      releaseOnDisk: (release) => this.#releases.onDisk(release, store),
      isShipped: (id) => this.#shipper.isShipped(id) && !this.#exits.anyOf(id),
    });
    const result = await execute(plan, {
      ...this.#options,
      desired,
      make: (release) => this.#releases.make(release),
      refused: this.#refusals,
      jobs: this.#jobs,
    });
    const isWhole = session !== null && session === keeper.session;
    if (desired !== null && isWhole && !result.stopFailed) this.#takenRevision = desired.revision;
    if (result.anyFailed) this.#options.world.after(RETRY_MS, () => this.#loop.wake("retry"));
    this.#prune(desired);
    this.#releases.keep(desired);
    this.#outbox.changed();
    this.#soak.plan();
  }

  /** What is neither here nor wanted needs no memory. */
  #prune(desired: Desired | null): void {
    const jobs = desired?.jobs.map(({ jobId }) => jobId) ?? [];
    const run = new Set([...(desired?.run.map(({ instanceId }) => instanceId) ?? []), ...jobs]);
    const { instances } = this.#options.keeper;
    for (const id of this.#gone) if (!instances.has(id) && !run.has(id)) this.#gone.delete(id);
    for (const id of this.#refusals.keys())
      if (instances.has(id) || !run.has(id)) this.#refusals.delete(id);
    this.#jobs.prune(desired);
  }

  #report(again: boolean) {
    const { keeper, world, policy, epoch, store } = this.#options;
    if (keeper.host === null) return null;
    const instances = this.#programs();
    const known = new Map(instances.map(({ observed }) => [observed.instanceId, observed]));
    const desired = this.#desired;
    const waiting = waitingInstances({ desired, instances: known, gone: this.#gone }).map(
      (instance) => ({
        instance,
        detail:
          this.#refusals.get(instance.instanceId) ??
          this.#releases.whyNotStarted(desired, instance, store),
      }),
    );
    const report = makeReport({
      epoch: epoch(),
      revision: this.#takenRevision,
      bootId: keeper.host.bootId,
      now: world.elapsed(),
      soakMs: policy().rollout.soakMs,
      protocols: { keeper: keeper.host.protocol, channel: this.#connection.protocol },
      releases: desired?.releases ?? [],
      instances,
      waiting,
      exits: this.#exits.toTell(again),
      builds: this.#builds.reports(),
      jobs: this.#jobs.reports({
        desired,
        gone: this.#gone,
        whyWaiting: (job) => this.#releases.whyNotStarted(desired, job, store),
      }),
    });
    return maskReport(report, this.#masks.masker);
  }

  /** Asks all that is here to leave; true once it has. */
  flushAll(): boolean {
    this.#shipper.flush("");
    return this.#connection.phase !== "open" || this.#shipper.waitingSince === null;
  }

  stop(): void {
    this.#soak.stop();
    this.#ackWatch.closed();
    this.#leases.closed();
    this.#loop.stop();
    this.#builds.stop();
    this.#releases.stop();
    this.#outbox.closed();
    this.#connection.stop();
    this.#shipper.stop();
    for (const { observed } of this.instances()) this.#output.forget(observed.instanceId);
  }
}
