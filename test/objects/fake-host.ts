// A host whose agent speaks the real protocol over real WebSockets; its programs are make-believe.
import { runInDurableObject } from "cloudflare:test";
import { gzipSync } from "node:zlib";
import { SignJWT } from "jose";
import {
  CHANNEL_JOBS_SINCE,
  CHANNEL_PROTOCOL,
  type Desired,
  type ExitReport,
  type ObservedInstance,
  type ObservedJob,
  type Report,
} from "../../protocol/channel.ts";
import { encodeFrame, type FrameHeader } from "../../protocol/frame.ts";
import type { HostId, ProjectId, WorkerId } from "../../protocol/ids.ts";
import { hostObject, workerObject } from "../../src/env.ts";
import type { HostObject } from "../../src/objects/host/object.ts";
import {
  type Channel,
  freshId,
  type Message,
  realEnv,
  type TestWorker,
  until,
  upgrade,
} from "./support.ts";

const FACTS = { agentVersion: "1", os: "linux", arch: "x64", containment: "cgroup" } as const;

/** A host with an agent whose programs always start, and stop when told. */
export class TestHost {
  readonly id: HostId = freshId("host");
  readonly bootId = `boot-${this.id.slice(-6)}`;
  readonly projectId: ProjectId;
  readonly slots: number;
  readonly keys: CryptoKeyPair;
  readonly publicKey: string;
  epoch = 0;
  nonce = "";
  hostChannel: Channel | null = null;
  readonly workers = new Map<string, TestAgentWorker>();
  /** False: builds and instances are left alone, for tests that report by hand. */
  obedient = true;
  buildOutcome: "succeeded" | "failed" = "succeeded";
  /** What becomes of a job: it ends with that code, or runs until it is told to stop. */
  jobEnd: number | "runs" = 0;
  /** What its agent says in `hello`. */
  protocol = CHANNEL_PROTOCOL;

  private constructor(projectId: ProjectId, slots: number, keys: CryptoKeyPair, publicKey: string) {
    this.projectId = projectId;
    this.slots = slots;
    this.keys = keys;
    this.publicKey = publicKey;
  }

  static async make(projectId: ProjectId, slots = 10): Promise<TestHost> {
    const keys = (await crypto.subtle.generateKey("Ed25519", true, [
      "sign",
      "verify",
    ])) as CryptoKeyPair;
    const jwk = (await crypto.subtle.exportKey("jwk", keys.publicKey)) as JsonWebKey;
    const host = new TestHost(projectId, slots, keys, jwk.x ?? "");
    const capacity = JSON.stringify(host.capacity);
    await realEnv.DB.prepare(
      "INSERT INTO hosts (id, project_id, name, public_key, capacity, facts, joined_at) VALUES (?, ?, ?, ?, ?, '{}', 0)",
    )
      .bind(host.id, projectId, host.id, host.publicKey, capacity)
      .run();
    await host.rpc.register({
      hostId: host.id,
      projectId,
      name: `host-${host.id.slice(-4)}`,
      publicKey: host.publicKey,
      capacity: host.capacity,
      facts: FACTS,
    });
    return host;
  }

  /** A host that is online. */
  static async online(projectId: ProjectId, slots = 10): Promise<TestHost> {
    const host = await TestHost.make(projectId, slots);
    await host.connect();
    return host;
  }

  get capacity() {
    return { slots: this.slots, memoryBytes: 1e9, cpus: 2 };
  }

  get rpc() {
    return hostObject(realEnv, this.id);
  }

  get stub() {
    return realEnv.HOST_OBJECT.get(realEnv.HOST_OBJECT.idFromName(this.id));
  }

  inside<R>(look: (object: HostObject, state: DurableObjectState) => R | Promise<R>): Promise<R> {
    return runInDurableObject<HostObject, R>(this.stub as never, look);
  }

  assertion(more: { iat?: number; life?: number; iss?: string; aud?: string } = {}) {
    const iat = more.iat ?? Math.floor(Date.now() / 1_000);
    return new SignJWT({})
      .setProtectedHeader({ alg: "EdDSA" })
      .setIssuer(more.iss ?? this.id)
      .setAudience(more.aud ?? "coppice")
      .setIssuedAt(iat)
      .setExpirationTime(iat + (more.life ?? 60))
      .sign(this.keys.privateKey);
  }

  async dial(): Promise<Channel> {
    return upgrade(this.rpc, "/channel", await this.assertion());
  }

  hello(more: Record<string, unknown> = {}) {
    this.nonce ||= crypto.randomUUID();
    return {
      type: "hello",
      protocol: CHANNEL_PROTOCOL,
      hostId: this.id,
      epoch: this.epoch,
      nonce: this.nonce,
      bootId: this.bootId,
      capacity: this.capacity,
      facts: FACTS,
      ...more,
    };
  }

  async connect(): Promise<Channel> {
    const channel = await this.dial();
    this.hostChannel = channel;
    channel.onMessage = (message) => {
      if (message.type === "welcome") {
        this.epoch = message.epoch as number;
        this.nonce = "";
      }
      if (message.type === "workers" && this.obedient) {
        for (const id of message.workers as string[]) void this.connectWorker(id as WorkerId);
      }
    };
    channel.send(this.hello());
    await channel.nth("welcome");
    return channel;
  }

  /** Opens (or opens again) the channel to a worker's object; says hello. */
  async connectWorker(workerId: WorkerId, again = false): Promise<TestAgentWorker> {
    const known = this.workers.get(workerId);
    if (known?.channel && known.channel.closeCode === null && !again) return known;
    const worker = known ?? new TestAgentWorker(this, workerId);
    this.workers.set(workerId, worker);
    await worker.connect();
    return worker;
  }

  /** The agent's side of one worker, once it has a channel. */
  async of(worker: TestWorker): Promise<TestAgentWorker> {
    return until(() => {
      const known = this.workers.get(worker.id);
      return known?.channel ? known : null;
    }, "a worker channel");
  }

  /** As when its link is cut: nothing more is heard of it. */
  close(): void {
    this.hostChannel?.ws.close();
    for (const worker of this.workers.values()) worker.channel?.ws.close();
  }
}

export class TestAgentWorker {
  readonly host: TestHost;
  readonly workerId: WorkerId;
  channel: Channel | null = null;
  desired: Desired | null = null;
  revision = 0;
  readonly instances = new Map<string, ObservedInstance>();
  readonly exits = new Map<string, ExitReport>();
  readonly jobs = new Map<string, ObservedJob>();
  /** Ids of all jobs that were ever begun here. */
  readonly begun: string[] = [];
  pid = 1_000;
  renewals = 0;

  constructor(host: TestHost, workerId: WorkerId) {
    this.host = host;
    this.workerId = workerId;
  }

  get rpc() {
    return workerObject(realEnv, this.workerId);
  }

  async connect(): Promise<Channel> {
    const token = await this.host.assertion();
    const channel = await upgrade(this.rpc, "/channel", token);
    this.channel = channel;
    channel.onMessage = (message) => this.#on(message);
    channel.send(this.hello());
    return channel;
  }

  hello(more: Record<string, unknown> = {}) {
    const { bootId, epoch, id } = this.host;
    const { protocol } = this.host;
    return { type: "hello", protocol, hostId: id, epoch, bootId, ...more };
  }

  #on(message: Message): void {
    if (message.type === "flush") this.channel?.send({ type: "flushed", id: message.id });
    if (message.type === "ack") {
      for (const one of message.exits as { instanceId: string; attempt: number }[])
        this.exits.delete(`${one.instanceId}/${one.attempt}`);
      for (const id of message.gone as string[]) {
        this.instances.delete(id);
        this.jobs.delete(id);
      }
    }
    if (message.type === "granted" && this.host.obedient)
      this.#granted(message.instances as string[]);
    if (message.type === "desired") {
      this.desired = message as unknown as Desired;
      this.revision = this.desired.revision;
      if (this.host.obedient) this.obey(this.desired);
    }
  }

  /** Starts what is missing, stops what has a tombstone, builds what is to be built, and says so. */
  obey(desired: Desired): void {
    const modes = new Map(desired.releases.map(({ mode, number }) => [number, mode]));
    for (const one of desired.run) {
      if (this.instances.has(one.instanceId)) continue;
      this.start(
        one.instanceId,
        one,
        modes.get(one.release) === "exclusive" ? "starting" : "healthy",
      );
    }
    if ([...modes.values()].includes("exclusive")) this.renew();
    for (const { instanceId } of desired.stop) {
      const one = this.instances.get(instanceId);
      if (one) this.instances.set(instanceId, { ...one, state: "stopped", pid: null });
    }
    for (const one of desired.jobs) this.#begin(one);
    for (const { instanceId } of desired.stop) {
      const job = this.jobs.get(instanceId);
      if (job && !job.outcome) this.endJob(instanceId, { kind: "stopped", uptimeMs: 5, tail: [] });
    }
    this.report({ builds: desired.builds.map((build) => this.#build(build.deployId)) });
  }

  #begin({ begun, generation, jobId, release }: Desired["jobs"][number]): void {
    if (begun || this.jobs.has(jobId) || this.host.protocol < CHANNEL_JOBS_SINCE) return;
    this.begun.push(jobId);
    this.jobs.set(jobId, {
      ...{ jobId, generation, release, state: "running", pid: ++this.pid },
      ...{ startedAt: Date.now(), detail: null, outcome: null },
    });
    const { jobEnd } = this.host;
    if (jobEnd === "runs") return;
    const end = { exitCode: jobEnd, signal: null, oom: false, uptimeMs: 5, tail: ["migrating"] };
    this.endJob(jobId, { kind: "exited", ...end });
  }

  endJob(jobId: string, outcome: NonNullable<ObservedJob["outcome"]>): void {
    const job = this.jobs.get(jobId);
    if (!job) throw new Error(`no job ${jobId}`);
    this.jobs.set(jobId, { ...job, state: "ended", pid: null, outcome });
  }

  #build(deployId: string): Report["builds"][number] {
    const step = {
      name: "build",
      state: "done",
      startedAt: 1,
      durationMs: 2,
      detail: null,
    } as const;
    const commit = "c".repeat(40);
    const built = { commit, commitMessage: "Send mail", digest: "sha256:ab", cached: false };
    return this.host.buildOutcome === "succeeded"
      ? { deployId, steps: [step], outcome: { kind: "succeeded", ...built } }
      : {
          deployId,
          steps: [{ ...step, state: "failed" }],
          outcome: {
            kind: "failed",
            reason: "build_failed",
            message: "the build command ended with exit code 2",
            tail: ["make: *** no rule"],
          },
        };
  }

  start(
    instanceId: string,
    { slot, generation, release }: { slot: number; generation: number; release: number },
    state: "starting" | "healthy" = "healthy",
  ): void {
    this.instances.set(instanceId, {
      instanceId,
      slot,
      generation,
      release,
      state,
      attempt: state === "healthy" ? 1 : 0,
      pid: state === "healthy" ? ++this.pid : null,
      bootId: this.host.bootId,
      startedAt: Date.now(),
      restarts: 0,
      restartInMs: null,
      detail: null,
    });
  }

  /** Asks for the leases of all that is here, or of these; gives the number of the request. */
  renew(instances: readonly string[] = [...this.instances.keys()]): number {
    this.channel?.send({ type: "renew", id: ++this.renewals, instances });
    return this.renewals;
  }

  /** Which of them got theirs. */
  async renewed(instances?: readonly string[]): Promise<string[]> {
    const id = this.renew(instances);
    const answer = await until(
      () => this.channel?.of("granted").find((one) => one.id === id),
      "the answer to a renewal",
    );
    return answer.instances as string[];
  }

  /** What waited for its lease runs from now on. */
  #granted(ids: readonly string[]): void {
    const waiting = ids.flatMap((id) => this.instances.get(id) ?? []);
    const begun = waiting.filter((one) => one.state === "starting");
    for (const one of begun) this.start(one.instanceId, one);
    if (begun.length > 0) this.report();
  }

  /** The program dies and is started again at once; journaled until it is acknowledged. */
  crash(instanceId: string, more: Partial<ExitReport> = {}): ExitReport {
    const one = this.instances.get(instanceId);
    if (!one) throw new Error(`no instance ${instanceId}`);
    const exit: ExitReport = {
      instanceId,
      bootId: one.bootId,
      attempt: one.attempt,
      pid: one.pid,
      startedAt: one.startedAt ?? 0,
      exitedAt: Date.now(),
      uptimeMs: 1_234,
      exitCode: 1,
      signal: null,
      oom: false,
      reason: "crash",
      restartInMs: 0,
      collapsed: 0,
      detail: null,
      slot: one.slot,
      generation: one.generation,
      release: one.release,
      tail: ["last words"],
      ...more,
    };
    this.exits.set(`${instanceId}/${one.attempt}`, exit);
    const next = { attempt: one.attempt + 1, pid: ++this.pid, startedAt: Date.now() };
    this.instances.set(instanceId, { ...one, ...next, restarts: one.restarts + 1 });
    return exit;
  }

  report(more: Partial<Report> = {}): void {
    this.channel?.send({
      type: "report",
      epoch: this.host.epoch,
      revision: this.revision,
      instances: [...this.instances.values()],
      exits: [...this.exits.values()],
      builds: [],
      jobs: [...this.jobs.values()],
      ...more,
    });
  }

  sendFrame(
    text: string,
    header: Partial<FrameHeader> & Pick<FrameHeader, "instanceId" | "start">,
  ) {
    this.channel?.ws.send(frameOf(text, { bootId: this.host.bootId, ...header }));
  }
}

export function frameOf(
  text: string | Uint8Array,
  header: Partial<FrameHeader> & Pick<FrameHeader, "instanceId" | "start">,
): Uint8Array {
  const raw = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const full: FrameHeader = {
    bootId: "boot",
    attempt: 1,
    stream: "stdout",
    slot: 0,
    release: 1,
    end: header.start + raw.length,
    gap: false,
    lines: 0,
    marks: [{ at: 1_700_000_000_000, bytes: raw.length }],
    last: false,
    ...header,
  };
  const payload = full.gap ? new Uint8Array() : gzipSync(raw);
  return encodeFrame({ header: full, payload });
}
