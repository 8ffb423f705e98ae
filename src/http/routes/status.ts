// The public status page and its documents: open to all, never a 5xx, the same for all projects and for one.
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Problem } from "../../../protocol/problems.ts";
import {
  ShieldsBadge,
  STATUSPAGE_DOCUMENTS,
  type StatuspageDocument,
} from "../../../protocol/statuspage.ts";
import { lastSnapshot } from "../../services/status-page/shelf.ts";
import { answerStatus, sampleOf, type Wanted } from "../../status/answer.ts";
import { defineRoute } from "../api.ts";
import type { Api, ApiEnv } from "../app-types.ts";
import { ownOrigin } from "../session-cookie.ts";

const tags = ["Status page"];
const Text = z.string();

interface Public {
  /** After `/status/{project}`; for all projects it stands alone. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly type: string;
  readonly schema: z.ZodType;
  readonly wanted: (component: string | null) => Wanted;
}

const camel = (text: string) =>
  text
    .split(/[-/]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

const documents = (Object.keys(STATUSPAGE_DOCUMENTS) as StatuspageDocument[]).map(
  (document): Public => ({
    path: `/api/v2/${document}.json`,
    name: `Status${camel(document)}`,
    summary: `Statuspage v2: ${document.replaceAll(/[-/]/g, " ")}.`,
    type: "application/json",
    schema: STATUSPAGE_DOCUMENTS[document],
    wanted: () => ({ form: "document", document }),
  }),
);

const BADGES: readonly Public[] = [
  {
    path: "/badge.svg",
    name: "StatusBadge",
    summary: "A badge that says how it is.",
    type: "image/svg+xml",
    schema: Text,
    wanted: (component) => ({ form: "badge", component }),
  },
  {
    path: "/badge.json",
    name: "StatusShield",
    summary: "The same for an endpoint badge of Shields.",
    type: "application/json",
    schema: ShieldsBadge,
    wanted: (component) => ({ form: "shields", component }),
  },
];

const FEED: Public = {
  path: "/history.atom",
  name: "StatusFeed",
  summary: "Incidents as an Atom feed.",
  type: "application/atom+xml",
  schema: Text,
  wanted: () => ({ form: "feed" }),
};

const PAGE: Public = {
  path: "",
  name: "StatusPage",
  summary: "The status page for people.",
  type: "text/html",
  schema: Text,
  wanted: () => ({ form: "page" }),
};

const ProjectName = z.object({
  project: z.string().openapi({ description: "Name of a project that shows something." }),
});
const ComponentName = ProjectName.extend({
  component: z.string().openapi({ description: "Id or public name of a component." }),
});

const SCOPES = [
  { base: "", prefix: "all", params: null, of: [...documents, FEED, ...BADGES] },
  { base: "/status", prefix: "all", params: null, of: [PAGE] },
  {
    base: "/status/{project}",
    prefix: "project",
    params: ProjectName,
    of: [PAGE, ...documents, FEED, ...BADGES],
  },
  {
    base: "/status/{project}/components/{component}",
    prefix: "component",
    params: ComponentName,
    of: BADGES,
  },
] as const;

function routeOf(one: Public, scope: (typeof SCOPES)[number]) {
  const example = sampleOf(one.wanted(null));
  const absent = {
    404: {
      description: "No such project or component, or nothing of it is public.",
      content: {
        [one.type]: { schema: one.schema, example },
        "application/problem+json": { schema: Problem },
      },
    },
  };
  return defineRoute("public", {
    method: "get",
    path: `${scope.base}${one.path}` as string,
    operationId: `${scope.prefix}${one.name}`,
    summary: one.summary,
    tags,
    request: scope.params ? { params: scope.params } : {},
    responses: {
      200: {
        description: "As of the time it names.",
        content: { [one.type]: { schema: one.schema, example } },
      },
      304: { description: "It is what the ETag names." },
      ...(scope.params ? absent : {}),
    },
  });
}

async function answer(c: Context<ApiEnv>, one: Public): Promise<Response> {
  const { call } = c.var;
  const component = c.req.param("component") ?? null;
  return answerStatus(one.wanted(component), {
    asking: {
      db: call.db,
      origin: ownOrigin(c),
      now: call.now,
      later: call.later,
      shelf: { read: () => lastSnapshot(call) },
    },
    project: c.req.param("project") ?? null,
    ifNoneMatch: c.req.header("if-none-match") ?? null,
  });
}

export function statusRoutes(api: Api): void {
  for (const scope of SCOPES) {
    for (const one of scope.of)
      api.openapi(routeOf(one, scope), (c) => answer(c as unknown as Context<ApiEnv>, one));
  }
}
