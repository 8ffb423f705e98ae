// The app with a fresh D1 and small stand-ins for the objects: they speak the RPC interface and can be told to fail.
import {
  applyD1Migrations,
  createExecutionContext,
  env,
  waitOnExecutionContext,
} from "cloudflare:test";
import type { ZodType } from "zod";
import type { Problem } from "../../protocol/problems.ts";
import type { Env } from "../../src/env.ts";
import { app } from "../../src/http/app.ts";
import { FakeHost, FakeWorker, namespaceOf } from "./fakes.ts";

export const realEnv = env as unknown as Env & { readonly TEST_MIGRATIONS: never };
export const OPERATOR = realEnv.COPPICE_OPERATOR_TOKEN;

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
