// Hosts of a project and the tokens by which they join.
import {
  DrainHost,
  HostInstanceView,
  HostView,
  JoinTokenView,
  listOf,
  PageQuery,
  Thawed,
} from "../../../protocol/rest.ts";
import { cordonHost, uncordonHost } from "../../services/hosts/cordon.ts";
import { drainHost, undrainHost } from "../../services/hosts/drain.ts";
import { getHost } from "../../services/hosts/get.ts";
import { listHostInstances } from "../../services/hosts/instances.ts";
import { inviteHost } from "../../services/hosts/invite.ts";
import { listHosts } from "../../services/hosts/list.ts";
import { removeHost } from "../../services/hosts/remove.ts";
import { thawHosts } from "../../services/hosts/thaw.ts";
import { once } from "../../services/seed.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { repeatKey } from "../conditions.ts";
import { body, HostParams, IdempotencyHeaders, json, ProjectParams } from "../schemas.ts";

const tags = ["Hosts"];

const listRoute = defineRoute("hosts.read", {
  method: "get",
  path: "/v1/projects/{project}/hosts",
  operationId: "listHosts",
  summary: "The hosts of a project, with the status that was known last.",
  tags,
  request: { params: ProjectParams, query: PageQuery },
  responses: { 200: json(listOf(HostView), "A page of hosts, oldest first.") },
});

const getRoute = defineRoute("hosts.read", {
  method: "get",
  path: "/v1/projects/{project}/hosts/{host}",
  operationId: "getHost",
  summary: "One host, with its status now.",
  tags,
  request: { params: HostParams },
  responses: { 200: json(HostView, "The host.") },
});

const instancesRoute = defineRoute("hosts.read", {
  method: "get",
  path: "/v1/projects/{project}/hosts/{host}/instances",
  operationId: "listHostInstances",
  summary: "What runs on a host now, by worker and slot, with what is to take each one's place.",
  tags,
  request: { params: HostParams },
  responses: { 200: json(listOf(HostInstanceView), "All of them.") },
  problems: ["unavailable"],
});

const cordonRoute = defineRoute("hosts.cordon", {
  method: "post",
  path: "/v1/projects/{project}/hosts/{host}/cordon",
  operationId: "cordonHost",
  summary: "Let a host take nothing new; what runs there stays.",
  tags,
  request: { params: HostParams },
  responses: { 200: json(HostView, "The host.") },
});

const uncordonRoute = defineRoute("hosts.cordon", {
  method: "delete",
  path: "/v1/projects/{project}/hosts/{host}/cordon",
  operationId: "uncordonHost",
  summary: "Let a host take instances again.",
  tags,
  request: { params: HostParams },
  responses: { 200: json(HostView, "The host.") },
});

const drainRoute = defineRoute("hosts.drain", {
  method: "post",
  path: "/v1/projects/{project}/hosts/{host}/drain",
  operationId: "drainHost",
  summary:
    "Empty a host: instances start elsewhere, then stop here; what is left at the deadline is stopped.",
  tags,
  request: { params: HostParams, body: body(DrainHost, false) },
  responses: { 200: json(HostView, "The host.") },
});

const undrainRoute = defineRoute("hosts.drain", {
  method: "delete",
  path: "/v1/projects/{project}/hosts/{host}/drain",
  operationId: "undrainHost",
  summary: "End a drain: what has moved stays where it is, and the host takes instances again.",
  tags,
  request: { params: HostParams },
  responses: { 200: json(HostView, "The host.") },
});

const thawRoute = defineRoute("hosts.thaw", {
  method: "post",
  path: "/v1/projects/{project}/hosts/thaw",
  operationId: "thawHosts",
  summary:
    "Replace what lost hosts ran although many were lost at once: you know that they are dead.",
  tags,
  request: { params: ProjectParams },
  responses: { 200: json(Thawed, "The hosts whose instances are replaced from now on.") },
});

const removeRoute = defineRoute("hosts.remove", {
  method: "delete",
  path: "/v1/projects/{project}/hosts/{host}",
  operationId: "removeHost",
  summary: "Remove a host for good; its instances are replaced elsewhere.",
  tags,
  request: { params: HostParams },
  responses: { 204: { description: "It may not connect any more." } },
});

const inviteRoute = defineRoute("join-tokens.create", {
  method: "post",
  path: "/v1/projects/{project}/join-tokens",
  operationId: "createJoinToken",
  summary: "Make a token with which one host may join within 15 minutes.",
  tags,
  request: { params: ProjectParams, headers: IdempotencyHeaders },
  responses: { 201: json(JoinTokenView, "The join token, shown this once.") },
  problems: ["idempotency_mismatch"],
});

export function hostRoutes(api: Api): void {
  api.openapi(listRoute, async (c) =>
    c.json(await listHosts(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(getRoute, async (c) =>
    c.json(await getHost(c.var.admitted, c.req.valid("param").host), 200),
  );
  api.openapi(instancesRoute, async (c) =>
    c.json(await listHostInstances(c.var.admitted, c.req.valid("param").host), 200),
  );
  api.openapi(cordonRoute, async (c) =>
    c.json(await cordonHost(c.var.admitted, c.req.valid("param").host), 200),
  );
  api.openapi(uncordonRoute, async (c) =>
    c.json(await uncordonHost(c.var.admitted, c.req.valid("param").host), 200),
  );
  api.openapi(drainRoute, async (c) => {
    const { host } = c.req.valid("param");
    return c.json(await drainHost(c.var.admitted, host, c.req.valid("json")), 200);
  });
  api.openapi(undrainRoute, async (c) =>
    c.json(await undrainHost(c.var.admitted, c.req.valid("param").host), 200),
  );
  api.openapi(thawRoute, async (c) => c.json(await thawHosts(c.var.admitted), 200));
  api.openapi(removeRoute, async (c) => {
    await removeHost(c.var.admitted, c.req.valid("param").host);
    return c.body(null, 204);
  });
  api.openapi(inviteRoute, async (c) => {
    const { admitted } = c.var;
    const token = await once(admitted, await repeatKey(c), {
      kept: false,
      run: (seed) => inviteHost(admitted, { seed, origin: new URL(c.req.url).origin }),
    });
    return c.json(token, 201);
  });
}
