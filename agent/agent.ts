// The agent: one host channel, one link per worker, and the keeper behind them.
//
// 1. A worker's link stays as long as the HostObject lists it or anything of it is left here.
// 2. Nothing that happens to a channel, and no answer of the control plane, stops a program.
// 3. A new epoch is stored before any channel speaks of it.
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Capacity,
  CHANNEL_PROTOCOL,
  type CloseReason,
  type HostFacts,
  type HostHello,
  ObjectToHost,
} from "../protocol/channel.ts";
import type { Policy } from "../protocol/policy.ts";
import type { GitOptions } from "./artifacts/git.ts";
import { forgetAuth } from "./artifacts/git-auth.ts";
import { endLeftover } from "./artifacts/leftover.ts";
import { placesOf } from "./artifacts/place.ts";
import { ReleaseStore } from "./artifacts/store.ts";
import { readIfThere } from "./durable.ts";
import type { IdentityFile } from "./identity.ts";
import { Inspector } from "./inspect.ts";
import { INSTANCE_FILES } from "./keeper/instance-store.ts";
import { KeeperClient } from "./keeper-client.ts";
import { Leftovers } from "./leftovers.ts";
import { Connection } from "./link/connection.ts";
import { Reader } from "./logs/reader.ts";
import { policyFrom } from "./policy.ts";
import { isSafeId, type Shared } from "./shared.ts";
import type { Standing } from "./standing.ts";
import { Users } from "./users/users.ts";
import { WorkerLink } from "./worker-link.ts";
import { type Log, messageOf, type Timer, unreachable, type World } from "./world.ts";

const KEEPER_WAIT_MS = 2_000;
const COLLECT_DELAY_MS = 5_000;
const FLUSH_POLL_MS = 20;

const FATAL_ADVICE: Partial<Record<CloseReason, string>> = {
  host_cloned:
    "another machine uses this host's identity (a copied disk?): rejoin, that is remove agent.json here and run join with a new token",
  host_removed: "this host was removed from its project: rejoin, or stop its keeper",
  protocol: "this agent is too old or too new for the control plane: upgrade it",
};

export interface AgentOptions {
  readonly world: World;
  readonly log: Log;
  readonly state: string;
  readonly identity: IdentityFile;
  readonly programPath: string;
  readonly git: Omit<GitOptions, "spawn" | "state">;
  readonly bootId: string;
  readonly capacity: Capacity;
  readonly facts: Omit<HostFacts, "containment" | "holds">;
  /** Why programs run as the agent's own user; null where each project has one (users/). */
  readonly ownUser: string | null;
  /** Told how the host channel stands, each time that it changes; the reason is for people. */
  readonly onChannel?: (channel: Standing["channel"], reason: string | null) => void;
}

export class Agent {
  readonly #options: AgentOptions;
  readonly #keeper: KeeperClient;
  readonly #reader: Reader;
  readonly #inspector: Inspector;
  readonly #leftovers: Leftovers;
  readonly #shared: Shared;
  readonly #host: Connection<ObjectToHost>;
  readonly #links = new Map<string, WorkerLink>();
  #policy: Policy;
  /** Null until the HostObject told it. */
  #listed: { readonly revision: number; readonly workers: ReadonlySet<string> } | null = null;
  /** Stopped, or told to stay away: no channel is opened any more. */
  #over = false;
  #tidyTimer: Timer | null = null;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { world, log, state, identity, programPath, git, bootId } = options;
    const { url, hostId, policy } = identity.get();
    this.#policy = policyFrom(policy);
    endLeftover(world, state);
    forgetAuth(state, (dir) => (existsSync(dir) ? readdirSync(dir) : []));
    const headers = () => ({ authorization: `Bearer ${identity.assertion(world.now())}` });
    this.#keeper = new KeeperClient({
      world,
      log,
      events: {
        synced: () => this.#synced(),
        instance: (observed) => this.#link(observed.workerId).instanceChanged(observed),
        removed: (instanceId, workerId) => {
          if (workerId !== undefined) this.#links.get(workerId)?.instanceRemoved(instanceId);
        },
        exit: (exit) => {
          const workerId = this.#keeper.instances.get(exit.instanceId)?.observed.workerId;
          if (workerId !== undefined) this.#link(workerId).exited(exit);
        },
      },
    });
    this.#inspector = new Inspector({ world, log, state, git });
    this.#reader = new Reader({ world, log, readMs: () => this.#policy.logs.readMs });
    this.#shared = {
      world,
      log,
      state,
      programPath,
      git,
      bootId,
      hostId,
      url,
      headers,
      keeper: this.#keeper,
      store: new ReleaseStore({
        ...{ state, log, isInUse: (dir) => this.#runsFrom(dir) },
        runsBelow: (dir) => world.runsBelow(dir),
      }),
      reader: this.#reader,
      policy: () => this.#policy,
      users: new Users({ state, log, why: options.ownUser }),
      memoryBytes: options.capacity.memoryBytes,
      epoch: () => identity.get().epoch,
    };
    this.#leftovers = new Leftovers({
      ...{ world, log, state, url, headers },
      store: this.#shared.store,
      policy: () => this.#policy.artifacts,
    });
    this.#host = new Connection({
      world,
      log,
      name: "host",
      url: `${url.replace(/^http/, "ws")}/v1/agent/host`,
      schema: ObjectToHost,
      policy: () => this.#policy,
      pingMs: () => this.#policy.heartbeat.hostPingMs,
      exclusive: () => this.#hasExclusive(),
      headers,
      hello: () => this.#hello(),
      onOpen: ({ epoch, policy: overrides }) => this.#welcomed(epoch, overrides),
      onMessage: (message) => this.#message(message),
      onDown: () => this.#options.onChannel?.("down", "the connection was lost"),
      onFatal: (reason) => this.#end(reason),
    });
  }

  start(): void {
    const { world, state } = this.#options;
    mkdirSync(join(state, "workers"), { recursive: true, mode: 0o700 });
    this.#keeper.start();
    for (const workerId of readdirSync(join(state, "workers")))
      if (isSafeId(workerId)) this.#link(workerId);
    // The hello says how programs are contained, which the keeper knows; it is not waited for long.
    world.after(KEEPER_WAIT_MS, () => {
      if (!this.#over) this.#host.start();
    });
  }

  /** Flushes what can be flushed in that time, then lets go of everything; programs go on. */
  async stop(withinMs: number): Promise<void> {
    const { world } = this.#options;
    const until = world.elapsed() + withinMs;
    this.#over = true;
    for (const link of this.#links.values()) link.flushAll();
    while (world.elapsed() < until) {
      if ([...this.#links.values()].every((link) => link.flushAll())) break;
      await new Promise<void>((resolve) => void world.after(FLUSH_POLL_MS, resolve));
    }
    this.#tidyTimer?.cancel();
    this.#inspector.stop();
    this.#leftovers.stop();
    for (const link of this.#links.values()) link.stop();
    this.#host.stop();
    this.#reader.stop();
    this.#keeper.stop();
  }

  #synced(): void {
    // Whoever starts the keeper may close the state directory.
    this.#shared.users.open(true);
    for (const { observed } of this.#keeper.instances.values()) this.#link(observed.workerId);
    for (const link of this.#links.values()) link.keeperSynced();
    if (!this.#over) this.#host.start();
    this.#tidySoon();
  }

  #hello(): string {
    const { identity, capacity, facts, bootId } = this.#options;
    const { hostId, epoch } = identity.get();
    const hello: HostHello = {
      type: "hello",
      protocol: CHANNEL_PROTOCOL,
      hostId,
      epoch,
      nonce: identity.nonce(),
      bootId: this.#keeper.host?.bootId ?? bootId,
      capacity,
      facts: { ...facts, ...this.#held() },
    };
    return JSON.stringify(hello);
  }

  /** How programs are held here, as the keeper has it. */
  #held(): Pick<HostFacts, "containment" | "holds"> {
    const { host } = this.#keeper;
    const containment = host?.containment ?? "best_effort";
    if (host?.house === undefined) return { containment };
    const user = this.#shared.users.inForce ? "project" : "agent";
    return { containment, holds: { ...host.house.limits, user } };
  }

  #welcomed(epoch: number, overrides: unknown): void {
    const { identity, log } = this.#options;
    const before = identity.get().epoch;
    identity.granted(epoch, overrides ?? {});
    this.#policy = policyFrom(overrides);
    this.#listed = null;
    log.info("welcome", { epoch });
    this.#options.onChannel?.("open", null);
    for (const link of this.#links.values()) {
      if (epoch !== before) link.rehello();
      else link.connect();
    }
  }

  #message(message: ObjectToHost): void {
    const { log } = this.#options;
    switch (message.type) {
      case "welcome":
        return;
      case "workers": {
        if (this.#listed !== null && message.revision < this.#listed.revision) return;
        const workers = message.workers.filter(isSafeId);
        this.#listed = { revision: message.revision, workers: new Set(workers) };
        for (const workerId of workers) this.#link(workerId);
        this.#tidySoon();
        return;
      }
      case "inspect":
        void this.#inspector.inspect(message).then((answer) => {
          this.#host.send(JSON.stringify(answer));
        });
        return;
      case "refused":
        log.warn("refused by the host's object", {
          reason: message.reason,
          message: message.message,
        });
        return;
      default:
        unreachable(message);
    }
  }

  #link(workerId: string): WorkerLink {
    const known = this.#links.get(workerId);
    if (known !== undefined) return known;
    const link = new WorkerLink({
      ...this.#shared,
      workerId,
      onFatal: (reason) => {
        if (reason === "protocol")
          this.#options.log.error("channel given up", { workerId, reason });
        else this.#end(reason);
      },
      onMaybeIdle: () => this.#tidySoon(),
    });
    this.#links.set(workerId, link);
    if (this.#host.phase === "open") link.connect();
    return link;
  }

  #hasExclusive(): boolean {
    return [...this.#links.values()].some(({ hasExclusive }) => hasExclusive);
  }

  /** The control plane wants no more of us; programs go on under the keeper. */
  #end(reason: CloseReason): void {
    if (this.#over) return;
    this.#over = true;
    const next = FATAL_ADVICE[reason] ?? "see the control plane's log";
    this.#options.log.error(reason, { next });
    this.#options.onChannel?.("refused", `${reason}: ${next}`);
    this.#host.stop();
    for (const link of this.#links.values()) link.disconnect();
  }

  #tidySoon(): void {
    this.#tidyTimer ??= this.#options.world.after(COLLECT_DELAY_MS, () => {
      this.#tidyTimer = null;
      try {
        this.#tidy();
      } catch (error) {
        this.#options.log.error("tidying failed", { message: messageOf(error) });
      }
    });
  }

  /** Lets go of links that have nothing left, and collects releases once every desired set is known. */
  #tidy(): void {
    const { state } = this.#options;
    if (this.#listed === null || !this.#keeper.synced) return;
    let someLeft = false;
    for (const [workerId, link] of this.#links) {
      if (this.#listed.workers.has(workerId) || !link.isIdle) continue;
      someLeft = true;
      link.stop();
      this.#links.delete(workerId);
      rmSync(join(state, "workers", workerId), { recursive: true, force: true });
    }
    void this.#leftovers.collect(new Set(this.#links.keys()), someLeft);
    const { store } = this.#shared;
    const links = [...this.#links.values()];
    if (links.some(({ desired }) => desired === null)) return;
    const releases = links.flatMap(({ desired }) => desired!.releases);
    const wanted = new Set(releases.flatMap(placesOf).map((place) => store.treeDir(place)));
    const artifacts = new Set(releases.flatMap(({ artifact }) => artifact?.digest ?? []));
    const running = this.#instanceFiles();
    store.collect(({ dir }) => {
      return wanted.has(join(dir, "tree")) || running.some((text) => text.includes(dir));
    }, artifacts);
  }

  /** What the keeper keeps of each instance: where it runs is in it. */
  #instanceFiles(): string[] {
    const { state } = this.#options;
    return [...this.#keeper.instances.keys()].flatMap((id) =>
      INSTANCE_FILES.map((file) => readIfThere(join(state, "instances", id, file)) ?? ""),
    );
  }

  #runsFrom(dir: string): boolean {
    return this.#instanceFiles().some((text) => text.includes(`${dir}/`));
  }
}
