// A world for the objects: a fresh D1, real objects, and agents that speak the real protocol over real WebSockets.

import { applyD1Migrations, env, runInDurableObject } from "cloudflare:test";
import { PING } from "../../protocol/channel.ts";
import { type IdKind, makeId, type ProjectId } from "../../protocol/ids.ts";
import type { WorkerSpec } from "../../protocol/spec.ts";
import { type Env, workerObject } from "../../src/env.ts";
import type { WorkerObject } from "../../src/objects/worker/object.ts";
import type { ApplyInput, EnvSnapshot, LogInput } from "../../src/rpc.ts";

export const realEnv = env as unknown as Env & { readonly TEST_MIGRATIONS: never };
export const NO_ENV: EnvSnapshot = { version: 1, wrappedKey: "", entries: [] };

export function freshId<K extends IdKind>(kind: K) {
  return makeId(kind, Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}

export const prepareD1 = () => applyD1Migrations(realEnv.DB, realEnv.TEST_MIGRATIONS);

/** Looks again until it holds; fails with what it last saw. */
export async function until<T>(look: () => T | Promise<T>, what: string, withinMs = 8_000) {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen as NonNullable<T>;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await scheduler.wait(5);
  }
}

export async function makeProject(): Promise<ProjectId> {
  const id = freshId("project");
  await realEnv.DB.prepare(
    "INSERT INTO projects (id, name, wrapped_key, created_at) VALUES (?, ?, '', 0)",
  )
    .bind(id, id)
    .run();
  return id;
}

export const SPEC: WorkerSpec = {
  name: "mailer",
  repo: "/srv/mailer",
  branch: "main",
  rootDir: ".",
  buildCommand: null,
  startCommand: "node mailer.js",
  instances: 1,
  mode: "available",
  stopSignal: "SIGTERM",
  stopGraceMs: 5_000,
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

/** A worker as the API would make it: specs rise, each is applied. */
export class TestWorker {
  readonly id = freshId("worker");
  readonly projectId: ProjectId;
  spec: WorkerSpec;
  version = 0;
  readonly initialDeploy = { deployId: freshId("deploy"), env: NO_ENV, git: null };

  constructor(projectId: ProjectId, spec: Partial<WorkerSpec> = {}) {
    this.projectId = projectId;
    this.spec = { ...SPEC, ...spec };
  }

  listInD1() {
    return realEnv.DB.prepare(
      "INSERT INTO workers (id, project_id, name, spec_version, created_at) VALUES (?, ?, ?, 1, 0)",
    )
      .bind(this.id, this.projectId, this.id)
      .run();
  }

  projection() {
    return realEnv.DB.prepare("SELECT * FROM worker_projections WHERE worker_id = ?")
      .bind(this.id)
      .first();
  }

  get rpc() {
    return workerObject(realEnv, this.id);
  }

  get stub() {
    return realEnv.WORKER_OBJECT.get(realEnv.WORKER_OBJECT.idFromName(this.id));
  }

  input(more: Partial<ApplyInput> = {}): ApplyInput {
    return {
      workerId: this.id,
      projectId: this.projectId,
      project: "shop",
      specVersion: this.version,
      spec: this.spec,
      actor: "tester",
      initialDeploy: this.initialDeploy,
      ...more,
    };
  }

  async apply(change: Partial<WorkerSpec> = {}) {
    this.spec = { ...this.spec, ...change };
    this.version++;
    return this.rpc.apply(this.input());
  }

  inside<R>(look: (object: WorkerObject, state: DurableObjectState) => R | Promise<R>): Promise<R> {
    return runInDurableObject<WorkerObject, R>(this.stub as never, look);
  }

  /** Slot → state of those that are not asked to stop. */
  async slots(): Promise<Record<number, string>> {
    const all = await this.rpc.instances();
    const standing = all.filter((one) => one.state !== "stopping" && one.state !== "stopped");
    return Object.fromEntries(standing.map((one) => [one.slot, one.state]));
  }

  async runs(count: number) {
    const healthy = Array.from({ length: count }, (_, slot) => [slot, "healthy"]);
    const wanted = JSON.stringify(Object.fromEntries(healthy));
    await until(async () => {
      const all = await this.rpc.instances();
      return all.length === count && JSON.stringify(await this.slots()) === wanted;
    }, `${count} healthy instances`).catch(async (error: unknown) => {
      throw new Error(`${error}\n${JSON.stringify(await this.rpc.instances(), null, 1)}`);
    });
  }

  logs(more: Partial<LogInput> = {}) {
    const none = { slot: null, instance: null, release: null, stream: null, since: null };
    return this.rpc.logs({
      cursor: null,
      before: null,
      limit: 1_000,
      ...none,
      text: null,
      attend: false,
      ...more,
    });
  }

  async systemTexts(): Promise<string[]> {
    const { lines } = await this.logs({ stream: "system" });
    return lines.map((line) => line.text);
  }
}

export type Message = { readonly type: string } & Record<string, unknown>;

/** One WebSocket to an object, as an agent or a reader holds it. */
export class Channel {
  readonly messages: Message[] = [];
  readonly ws: WebSocket;
  closeCode: number | null = null;
  onMessage: (message: Message) => void = () => {};

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.accept();
    ws.addEventListener("message", ({ data }) => {
      const message = typeof data === "string" && data.startsWith("{") ? JSON.parse(data) : null;
      if (!message) return;
      this.messages.push(message);
      this.onMessage(message);
    });
    ws.addEventListener("close", ({ code }) => {
      this.closeCode = code;
    });
  }

  send(message: object | string): void {
    this.ws.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  ping(): void {
    this.ws.send(PING);
  }

  of(type: string): Message[] {
    return this.messages.filter((one) => one.type === type);
  }

  /** The nth message of that type, counted from 1. */
  nth(type: string, n = 1): Promise<Message> {
    return until(() => this.of(type)[n - 1], `${type} number ${n}`).catch((error: unknown) => {
      throw new Error(`${error}\n${JSON.stringify(this.messages)} closed ${this.closeCode}`);
    });
  }

  closed(): Promise<number> {
    return until(() => this.closeCode, "the channel to be closed");
  }
}

export async function upgrade(
  stub: { fetch(request: Request): Promise<Response> },
  path: string,
  token?: string,
): Promise<Channel> {
  const headers: Record<string, string> = { upgrade: "websocket" };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const response = await stub.fetch(new Request(`https://object${path}`, { headers }));
  if (!response.webSocket) throw new Error(`no WebSocket: ${response.status}`);
  return new Channel(response.webSocket);
}
