// The app with a fresh D1 and small stand-ins for the objects: they speak the RPC interface and can be told to fail.
import {
  applyD1Migrations,
  createExecutionContext,
  env,
  waitOnExecutionContext,
} from "cloudflare:test";
import type { ZodType } from "zod";
import type { Inspect, Inspected } from "../../protocol/channel.ts";
import type { DeployId } from "../../protocol/ids.ts";
import type { LiveEnv } from "../../protocol/live-env.ts";
import type { Problem } from "../../protocol/problems.ts";
import type { DeployView, InstanceView, LogLine } from "../../protocol/rest.ts";
import type { Env } from "../../src/env.ts";
import { app } from "../../src/http/app.ts";
import type {
  ApplyInput,
  BuildLogInput,
  BuildLogPage,
  DeployInput,
  LogInput,
  LogPage,
  SnapshotInput,
  WorkerSnapshot,
} from "../../src/rpc.ts";

export const realEnv = env as unknown as Env & { readonly TEST_MIGRATIONS: never };
export const OPERATOR = realEnv.COPPICE_OPERATOR_TOKEN;

const NO_PAGE = { items: [], next: null };

/** What a stand-in for a worker's object was told, and how it is to answer. */
export class FakeWorker {
  applied: ApplyInput[] = [];
  started: DeployView[] = [];
  inputs: DeployInput[] = [];
  notes: { eventId: string; message: string }[] = [];
  lines: LogLine[] = [];
  /** What it says that its live release runs with. */
  liveEnv: LiveEnv | null = null;
  rekeyed: string[] = [];
  /** Calls that fail from now on. */
  failing = 0;
  calls = 0;
  sockets: WebSocket[] = [];
  watchers: WebSocket[] = [];
  rollbacks: { deployId: DeployId; release: number | null; actor: string }[] = [];

  #enter(): void {
    this.calls++;
    if (this.failing > 0) {
      this.failing--;
      throw Object.assign(new Error("object was reset"), { retryable: true });
    }
  }

  async apply(input: ApplyInput) {
    this.#enter();
    this.applied.push(structuredClone(input));
    if (input.initialDeploy && this.started.length === 0) {
      this.#add({ ...input.initialDeploy, kind: "deploy", ref: null, actor: input.actor });
    }
    return { ok: true as const, appliedVersion: input.specVersion };
  }

  #add(input: DeployInput): DeployView {
    const known = this.started.find(({ id }) => id === input.deployId);
    if (known) return known;
    this.inputs.push(input);
    const deploy: DeployView = {
      id: input.deployId,
      number: this.started.length + 1,
      kind: input.kind,
      status: "queued",
      reason: null,
      ref: input.ref,
      commit: null,
      commitMessage: null,
      release: null,
      restores: null,
      steps: [],
      tail: [],
      actor: input.actor,
      createdAt: new Date().toISOString(),
      endedAt: null,
    };
    this.started.push(deploy);
    return deploy;
  }

  async deploy(input: DeployInput) {
    this.#enter();
    return { ok: true as const, deploy: this.#add(input) };
  }

  async cancelDeploy({ number }: { number: number }) {
    this.#enter();
    const deploy = this.started[number - 1];
    if (!deploy)
      return { ok: false as const, code: "not_found" as const, message: "No such deploy." };
    return { ok: true as const, deploy: { ...deploy, status: "canceled" as const } };
  }

  async rollback(input: { deployId: DeployId; release: number | null; actor: string }) {
    this.#enter();
    this.rollbacks.push(input);
    const made = { deployId: input.deployId, ref: null, env: null, actor: input.actor };
    return { ok: true as const, deploy: this.#add({ ...made, kind: "restart" }) };
  }

  async releaseDiff({ to, against }: { to: number; against: number | null }) {
    this.#enter();
    if (to > 2) return { ok: false as const, code: "not_found" as const, message: `No v${to}.` };
    const side = (release: number) => ({ release, commit: "c".repeat(40), commitMessage: null });
    const env = { added: [], removed: [], changed: [] };
    return { ok: true as const, diff: { from: side(against ?? 2), to: side(to), fields: [], env } };
  }

  async note(input: { eventId: string; message: string }) {
    this.#enter();
    this.notes.push(input);
  }

  async rekey({ wrappedKey }: { wrappedKey: string }) {
    this.#enter();
    this.rekeyed.push(wrappedKey);
  }

  async overview() {
    this.#enter();
    const last = this.applied.at(-1);
    if (!last) return null;
    return {
      status: "deploying" as const,
      statusReason: null,
      running: 0,
      release: null,
      liveEnv: this.liveEnv,
      lastDeployAt: null,
      lastCrashAt: null,
      appliedVersion: last.specVersion,
    };
  }

  here: InstanceView[] = [];
  async instances() {
    this.#enter();
    return this.here;
  }
  async deploys(): Promise<{ items: DeployView[]; next: null }> {
    return { items: this.started.toReversed(), next: null };
  }
  async deployByNumber(number: number) {
    return this.started[number - 1] ?? null;
  }
  async releases() {
    return NO_PAGE;
  }
  async crashes() {
    return NO_PAGE;
  }
  async crashGroups() {
    return [];
  }
  async events() {
    return NO_PAGE;
  }
  async flush() {}

  /** What a look finds; `change` alters it and tells the watchers. */
  seen: WorkerSnapshot | null = null;
  async snapshot({ after }: SnapshotInput): Promise<WorkerSnapshot> {
    this.#enter();
    const { items } = await this.events();
    const overview = await this.overview();
    const instances: WorkerSnapshot["instances"] = [];
    const bare = { overview, instances, deploys: this.started.slice(-5), events: items };
    const seen = this.seen ?? { ...bare, cursor: "0", more: false };
    const newest = seen.events.at(-1)?.cursor ?? seen.cursor;
    const from = Number(after ?? newest);
    const events = seen.events.filter(({ cursor }) => Number(cursor) > from);
    return { ...seen, events, cursor: events.at(-1)?.cursor ?? String(from) };
  }

  async change(change: Partial<WorkerSnapshot>): Promise<void> {
    this.seen = { ...(this.seen ?? (await this.snapshot({ after: null }))), ...change };
    for (const socket of this.watchers) socket.send(JSON.stringify({ type: "news" }));
  }

  building: BuildLogPage | null = null;
  async buildLog({ cursor, limit, number }: BuildLogInput): Promise<BuildLogPage | null> {
    this.#enter();
    if (!this.started[number - 1]) return null;
    const all = this.building ?? {
      lines: [],
      cursor: "0.0",
      more: false,
      status: "building" as const,
      building: true,
      complete: false,
    };
    const rest = all.lines.filter((line) => Number(line.cursor) > Number(cursor ?? 0));
    const lines = rest.slice(0, limit);
    const more = rest.length > lines.length;
    const at = lines.at(-1)?.cursor ?? cursor ?? "0";
    return { ...all, lines, more, cursor: at, complete: all.complete && !more };
  }

  async logs(input: LogInput): Promise<LogPage> {
    this.#enter();
    const all = this.lines.filter((line) => !input.text || line.text.includes(input.text));
    const end = this.lines.at(-1)?.cursor ?? "0";
    if (input.cursor === null) {
      const until = Number(input.before ?? Number.POSITIVE_INFINITY);
      const lines = all.filter(({ cursor }) => Number(cursor) < until).slice(-input.limit);
      const earlier = lines[0] && lines[0] !== all[0] ? lines[0].cursor : null;
      const cursor = input.before === null ? end : String(until - 1);
      return { lines, cursor, more: input.before !== null, earlier };
    }
    const rest = all.filter(({ cursor }) => Number(cursor) > Number(input.cursor));
    const lines = rest.slice(0, input.limit);
    const more = rest.length > lines.length;
    const cursor = more ? lines.at(-1)!.cursor : end;
    return { lines, cursor, more, earlier: lines[0]?.cursor ?? input.cursor };
  }

  async fetch(request: Request): Promise<Response> {
    this.#enter();
    const { pathname } = new URL(request.url);
    if (pathname !== "/watch" && pathname !== "/watch/state")
      return new Response(null, { status: 404 });
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    server.accept();
    (pathname === "/watch" ? this.sockets : this.watchers).push(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  write(...texts: string[]): void {
    for (const text of texts) {
      this.lines.push({
        at: new Date().toISOString(),
        stream: "stdout",
        slot: 0,
        instance: null,
        release: 1,
        text,
        cursor: String(this.lines.length + 1),
      });
    }
    for (const socket of this.sockets) socket.send(JSON.stringify({ type: "news" }));
  }

  /** As when the object is reset: its sockets close. */
  reset(): void {
    for (const socket of [...this.sockets.splice(0), ...this.watchers.splice(0)])
      socket.close(1011, "reset");
  }
}

export class FakeHost {
  registered = 0;
  removed = 0;
  failing = 0;
  async register() {
    if (this.failing-- > 0) throw new Error("object was reset");
    this.registered++;
  }
  async remove() {
    this.removed++;
  }
  async overview() {
    return null;
  }
  holders: string[] = [];
  async workers() {
    return this.holders;
  }
  /** What it finds in a repository; null while it is not connected. */
  found: Omit<Inspected, "type" | "id"> | null = null;
  asked: Omit<Inspect, "type" | "id">[] = [];
  async inspect(input: Omit<Inspect, "type" | "id">): Promise<Inspected | null> {
    this.asked.push(input);
    return this.found && { type: "inspected", id: "1", ...this.found };
  }
  async fetch(request: Request) {
    return new Response(`${new URL(request.url).pathname} ${request.headers.get("authorization")}`);
  }
}

function namespaceOf<T>(make: () => T) {
  const objects = new Map<string, T>();
  const at = (name: string): T => {
    const found = objects.get(name) ?? make();
    objects.set(name, found);
    return found;
  };
  const namespace = { idFromName: (name: string) => name, get: at };
  return { namespace: namespace as unknown as DurableObjectNamespace, at };
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly token?: string | null;
  readonly body?: unknown;
  readonly raw?: BodyInit;
  readonly headers?: Record<string, string>;
}

interface Answered {
  readonly responses: Record<string, { content?: Record<string, { schema: ZodType }> }>;
}
const documented = app.openAPIRegistry.definitions.flatMap((definition) =>
  definition.type === "route"
    ? [
        {
          method: definition.route.method.toUpperCase(),
          pattern: new RegExp(`^${definition.route.path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
          responses: definition.route.responses as unknown as Answered["responses"],
        },
      ]
    : [],
);

/** Throws where an answer is not what the document says of its route: another status, or another shape. */
function checkAnswer(input: {
  method: string;
  path: string;
  status: number;
  type: string | null;
  body: unknown;
}) {
  const route = documented.find(
    (one) => one.method === input.method && one.pattern.test(input.path),
  );
  if (!route) return;
  const what = `${input.method} ${input.path} answered ${input.status}`;
  const answer = route.responses[input.status];
  if (!answer) throw new Error(`${what}, which is not documented`);
  const schema = answer.content?.[input.type?.split(";")[0] ?? ""]?.schema;
  if (!schema) {
    if (answer.content && input.status !== 101)
      throw new Error(`${what} as ${input.type}, which is not documented`);
    return;
  }
  if (!input.type?.endsWith("json") || input.type.includes("ndjson")) return;
  const parsed = schema.parse(input.body);
  if (JSON.stringify(sorted(parsed)) !== JSON.stringify(sorted(input.body)))
    throw new Error(`${what} with more than is documented: ${JSON.stringify(input.body)}`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

export type World = Awaited<ReturnType<typeof makeWorld>>;

/** D1 is emptied; `overrides` change bindings, for example the real objects or another master key. */
export async function makeWorld(overrides: Partial<Env> = {}) {
  await applyD1Migrations(realEnv.DB, realEnv.TEST_MIGRATIONS);
  const workers = namespaceOf(() => new FakeWorker());
  const hosts = namespaceOf(() => new FakeHost());
  const testEnv: Env = {
    ...realEnv,
    WORKER_OBJECT: workers.namespace,
    HOST_OBJECT: hosts.namespace,
    ...overrides,
  };
  const send = async (path: string, ask: Ask = {}): Promise<Response> => {
    const { token = OPERATOR, body, raw } = ask;
    const headers = new Headers(ask.headers);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    const sent = raw ?? (body === undefined ? null : JSON.stringify(body));
    const method = ask.method ?? (sent === null ? "GET" : "POST");
    const request = new Request(`https://coppice.test${path}`, { method, headers, body: sent });
    const ctx = createExecutionContext();
    const response = await app.fetch(request, testEnv, ctx);
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      await waitOnExecutionContext(ctx);
    }
    return response;
  };
  const ask = async <T = Record<string, unknown>>(
    path: string,
    input?: Ask,
  ): Promise<Answer<T>> => {
    const response = await send(path, input);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    const body = (
      isJson && !response.headers.get("content-type")?.includes("ndjson") ? JSON.parse(text) : null
    ) as T;
    checkAnswer({
      method:
        input?.method ?? (input?.body === undefined && input?.raw === undefined ? "GET" : "POST"),
      path: new URL(path, "https://coppice.test").pathname,
      status: response.status,
      type: response.headers.get("content-type"),
      body,
    });
    return { status: response.status, headers: response.headers, body, text };
  };
  const problem = (path: string, input?: Ask) => ask<Problem>(path, input);
  return { env: testEnv, send, ask, problem, worker: workers.at, host: hosts.at };
}

let counter = 0;
export function freshName(prefix: string): string {
  return `${prefix}-${(++counter).toString(36)}${Date.now().toString(36)}`;
}

/** A project of its own with a token of each role. */
export async function makeProject(world: World) {
  const name = freshName("shop");
  const made = await world.ask<{ id: string }>("/v1/projects", { body: { name } });
  if (made.status !== 201) throw new Error(made.text);
  const token = async (role: string) =>
    (
      await world.ask<{ token: string }>(`/v1/projects/${name}/tokens`, {
        body: { name: `a ${role}`, role },
      })
    ).body.token;
  return {
    id: made.body.id,
    name,
    path: `/v1/projects/${name}`,
    viewer: await token("viewer"),
    developer: await token("developer"),
    admin: await token("admin"),
  };
}

export const GOOD_WORKER = {
  name: "mailer",
  repo: "https://github.com/acme/shop",
  startCommand: "node mailer.js",
} as const;

export async function makeWorker(world: World, project: { readonly path: string }, more = {}) {
  const made = await world.ask<{ id: string; name: string; specVersion: number }>(
    `${project.path}/workers`,
    { body: { ...GOOD_WORKER, name: freshName("mailer"), ...more } },
  );
  if (made.status !== 201) throw new Error(made.text);
  return { ...made.body, path: `${project.path}/workers/${made.body.name}` };
}

/** All rows of all tables as one text. */
export async function dumpD1(d1: D1Database): Promise<string> {
  const tables = await d1
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
    )
    .all<{ name: string }>();
  const rows = await Promise.all(
    tables.results.map(
      async ({ name }) => (await d1.prepare(`SELECT * FROM "${name}"`).all()).results,
    ),
  );
  return JSON.stringify(rows);
}
