// Hundreds of hosts in one process: each speaks the real protocol over real WebSockets, with the agent's own connection
// (its reconnecting, its pings) and identity; its programs are make-believe and always healthy.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { IdentityFile, joinProject } from "../../agent/identity.ts";
import { Connection } from "../../agent/link/connection.ts";
import { realWorld } from "../../agent/rim.ts";
import type { Log } from "../../agent/world.ts";
import {
  type Build,
  CHANNEL_PROTOCOL,
  type Desired,
  ObjectToHost,
  ObjectToWorkerHost,
  type ObservedInstance,
  type Report,
} from "../../protocol/channel.ts";
import { makePolicy, type Policy, type PolicyOverrides } from "../../protocol/policy.ts";

const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {} };
const BOOT_ID = "swarm";
const CAPACITY = { slots: 10, memoryBytes: 1e9, cpus: 2 };
const FACTS = { agentVersion: "swarm", os: "linux", arch: "x64", containment: "cgroup" } as const;

export interface SwarmOptions {
  readonly url: string;
  readonly directory: string;
  readonly policy: PolicyOverrides;
  readonly joinToken: () => Promise<string>;
}

export class SwarmHost {
  readonly name: string;
  readonly #url: string;
  readonly #world: ReturnType<typeof realWorld>;
  readonly #identity: IdentityFile;
  readonly #policy: Policy;
  readonly #host: Connection<ObjectToHost>;
  readonly #workers = new Map<string, SwarmWorker>();

  private constructor(
    name: string,
    url: string,
    state: string,
    identity: IdentityFile,
    policy: Policy,
  ) {
    this.name = name;
    this.#url = url.replace(/^http/, "ws");
    this.#world = realWorld(state);
    this.#identity = identity;
    this.#policy = policy;
    this.#host = new Connection<ObjectToHost>({
      ...this.common("host", "host", policy.heartbeat.hostPingMs),
      schema: ObjectToHost,
      hello: () =>
        JSON.stringify({
          type: "hello",
          protocol: CHANNEL_PROTOCOL,
          hostId: this.hostId,
          epoch: identity.get().epoch,
          nonce: identity.nonce(),
          bootId: BOOT_ID,
          capacity: CAPACITY,
          facts: FACTS,
        }),
      onOpen: ({ epoch }) => {
        identity.granted(epoch, {});
        for (const worker of this.#workers.values()) worker.rehello();
      },
      onMessage: (message) => {
        if (message.type === "workers") for (const id of message.workers) this.#link(id);
      },
    });
  }

  static async join(name: string, options: SwarmOptions): Promise<SwarmHost> {
    const { directory, joinToken, policy, url } = options;
    const state = join(directory, name);
    mkdirSync(state, { recursive: true });
    const token = await joinToken();
    const joined = await joinProject({
      state,
      url,
      token,
      name,
      capacity: CAPACITY,
      said: CAPACITY,
      place: {},
      facts: FACTS,
      fetch,
    });
    if (!joined.ok) throw new Error(joined.message);
    const identity = new IdentityFile(state, joined.identity);
    return new SwarmHost(name, url, state, identity, makePolicy(policy));
  }

  get hostId(): string {
    return this.#identity.get().hostId;
  }

  get epoch(): number {
    return this.#identity.get().epoch;
  }

  /** Its host channel and all its worker channels are open. */
  get isBack(): boolean {
    return this.#host.phase === "open" && [...this.#workers.values()].every((one) => one.isOpen);
  }

  common(name: string, path: string, pingMs: number) {
    return {
      world: this.#world,
      log: QUIET,
      name,
      url: `${this.#url}/v1/agent/${path}`,
      policy: () => this.#policy,
      pingMs: () => pingMs,
      exclusive: () => false,
      headers: () => ({ authorization: `Bearer ${this.#identity.assertion(this.#world.now())}` }),
      onDown: () => {},
      onFatal: (reason: string) => {
        throw new Error(`${this.name}: ${reason}`);
      },
    };
  }

  start(): void {
    this.#host.start();
  }

  stop(): void {
    this.#host.stop();
    for (const worker of this.#workers.values()) worker.stop();
  }

  #link(workerId: string): void {
    if (this.#workers.has(workerId)) return;
    this.#workers.set(workerId, new SwarmWorker(this, workerId, this.#policy));
  }
}

class SwarmWorker {
  readonly #host: SwarmHost;
  readonly #connection: Connection<ObjectToWorkerHost>;
  readonly #instances = new Map<string, ObservedInstance>();
  #revision = 0;
  #builds: readonly Build[] = [];

  constructor(host: SwarmHost, workerId: string, policy: Policy) {
    this.#host = host;
    this.#connection = new Connection<ObjectToWorkerHost>({
      ...host.common(workerId, `workers/${workerId}`, policy.heartbeat.workerPingMs),
      schema: ObjectToWorkerHost,
      hello: () =>
        JSON.stringify({
          ...{ type: "hello", protocol: CHANNEL_PROTOCOL, hostId: host.hostId },
          ...{ epoch: host.epoch, bootId: BOOT_ID },
        }),
      onOpen: () => this.#report(),
      onMessage: (message) => {
        if (message.type === "desired") this.#obey(message);
        if (message.type === "ack") for (const id of message.gone) this.#instances.delete(id);
        if (message.type === "flush")
          this.#connection.send(JSON.stringify({ type: "flushed", id: message.id }));
      },
    });
    this.#connection.start();
  }

  get isOpen(): boolean {
    return this.#connection.phase === "open";
  }

  rehello(): void {
    if (this.#connection.phase === "idle") this.#connection.start();
    else this.#connection.reopen("new epoch");
  }

  stop(): void {
    this.#connection.stop();
  }

  #obey(desired: Desired): void {
    this.#revision = desired.revision;
    this.#builds = desired.builds;
    for (const one of desired.run) {
      if (this.#instances.has(one.instanceId)) continue;
      this.#instances.set(one.instanceId, {
        ...one,
        ...{ state: "healthy", attempt: 1, pid: 1, bootId: BOOT_ID, startedAt: Date.now() },
        ...{ restarts: 0, restartInMs: null, detail: null },
      });
    }
    for (const { instanceId } of desired.stop) {
      const one = this.#instances.get(instanceId);
      if (one) this.#instances.set(instanceId, { ...one, state: "stopped", pid: null });
    }
    this.#report();
  }

  #report(): void {
    const built = { commit: "c".repeat(40), commitMessage: "", digest: "sha256:ab", cached: false };
    const report: Report = {
      type: "report",
      epoch: this.#host.epoch,
      revision: this.#revision,
      instances: [...this.#instances.values()],
      exits: [],
      builds: this.#builds.map(({ deployId }) => ({
        deployId,
        steps: [],
        outcome: { kind: "succeeded", ...built },
      })),
      jobs: [],
    };
    this.#connection.send(JSON.stringify(report));
  }
}
