// What the document shows of a route besides its schemas: examples of all bodies, and a line for the shell.
import type { RouteConfig, z } from "@hono/zod-openapi";
import "./examples/api.ts";
import "./examples/artifacts.ts";
import "./examples/status.ts";
import { exampleOf } from "./examples/table.ts";
import { problemExample } from "./schemas.ts";

type Content = Record<string, { readonly schema?: unknown; readonly example?: unknown }>;

/** Of what is no JSON, and of problems that a route declares by itself. */
const TEXTS: Record<string, unknown> = {
  "application/octet-stream": "…",
  "text/html": '<!doctype html><html lang="en">…</html>',
  "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg">…</svg>',
  "application/atom+xml": '<feed xmlns="http://www.w3.org/2005/Atom">…</feed>',
  "application/problem+json": problemExample("not_found"),
};

function withExamples(content: Content | undefined): Content | undefined {
  if (!content) return content;
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      const found = media.example ?? TEXTS[type] ?? exampleOf(media.schema as z.ZodType);
      return [type, found === undefined ? media : { ...media, example: found }];
    }),
  );
}

/** The same route, with an example wherever a body is declared. */
export function withSamples(route: RouteConfig): RouteConfig {
  const { body } = route.request ?? {};
  const responses = Object.fromEntries(
    Object.entries(route.responses).map(([status, response]) => {
      const { content } = response as { content?: Content };
      return [status, content ? { ...response, content: withExamples(content) } : response];
    }),
  );
  const request = body
    ? { ...route.request, body: { ...body, content: withExamples(body.content as Content) } }
    : route.request;
  return { ...route, ...(request ? { request } : {}), responses } as RouteConfig;
}

const PARAMS: Record<string, string> = {
  project: "shop",
  worker: "mailer",
  host: "web-1",
  group: "shared",
  hook: "hok_0198ad1c2f7e7a41b2c3d4e5f6071829",
  token: "tok_0198ad1c2f7e7a41b2c3d4e5f6071829",
  number: "3",
  userCode: "BCDF-GHJK",
  incident: "inc_0198ad1c2f7e7a41b2c3d4e5f6071829",
  component: "wrk_0198ad1c2f7e7a41b2c3d4e5f6071829",
  maintenance: "mnt_0198ad1c2f7e7a41b2c3d4e5f6071829",
  workerId: "wrk_0198ad1c2f7e7a41b2c3d4e5f6071829",
};

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The operation as one line of curl. */
export function shellSample(route: RouteConfig, needsToken: boolean): string {
  const body = (route.request?.body?.content as Content | undefined)?.["application/json"];
  const sent = body ? JSON.stringify(exampleOf(body.schema as z.ZodType) ?? {}) : null;
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? name);
  const method = route.method.toUpperCase();
  const isImplied = method === "GET" || (method === "POST" && sent !== null);
  return [
    "curl",
    ...(isImplied ? [] : [`-X ${method}`]),
    ...(needsToken ? ['-H "Authorization: Bearer $COPPICE_TOKEN"'] : []),
    ...(sent === null ? [] : [`--json ${quoted(sent)}`]),
    `"$COPPICE_URL${path}"`,
  ].join(" ");
}
