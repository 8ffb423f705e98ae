// What hosts call: joining by a join token, and the two kinds of channel, both WebSockets.
import { z } from "@hono/zod-openapi";
import { GoneWorkers } from "../../../protocol/artifact.ts";
import { JoinAnswer, JoinRequest } from "../../../protocol/rest.ts";
import { connectHost, connectWorker } from "../../services/agent/connect.ts";
import { goneWorkers } from "../../services/agent/gone-workers.ts";
import { joinAsHost } from "../../services/agent/join.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { body, json } from "../schemas.ts";

const tags = ["Agent"];
const upgrade = { 101: { description: "The socket is open." } };

const joinRoute = defineRoute("public", {
  method: "post",
  path: "/v1/agent/join",
  operationId: "joinHost",
  summary: "Join a project as a host; the body carries a join token.",
  tags,
  request: { body: body(JoinRequest, true) },
  responses: { 201: json(JoinAnswer, "The host is in.") },
  problems: ["unauthenticated", "join_token_spent", "name_taken"],
});

const hostRoute = defineRoute("public", {
  method: "get",
  path: "/v1/agent/host",
  operationId: "connectHost",
  summary: "The host channel: a WebSocket with the host's signed assertion as bearer.",
  tags,
  responses: upgrade,
  problems: ["unauthenticated", "upgrade_required"],
});

const workerRoute = defineRoute("public", {
  method: "get",
  path: "/v1/agent/workers/{workerId}",
  operationId: "connectWorker",
  summary: "A worker channel: a WebSocket with the host's signed assertion as bearer.",
  tags,
  request: { params: z.object({ workerId: z.string() }) },
  responses: upgrade,
  problems: ["unauthenticated", "not_found", "upgrade_required"],
});

const goneRoute = defineRoute("public", {
  method: "post",
  path: "/v1/agent/gone-workers",
  operationId: "goneWorkers",
  summary:
    "Which of these workers are deleted, so that a host can let go of what it keeps of them.",
  tags,
  request: { body: body(GoneWorkers, true) },
  responses: { 200: json(GoneWorkers, "Those that are deleted.") },
  problems: ["unauthenticated"],
});

export function agentRoutes(api: Api): void {
  api.openapi(goneRoute, async (c) =>
    c.json(await goneWorkers(c.var.call, c.req.raw, c.req.valid("json")), 200),
  );
  api.openapi(joinRoute, async (c) =>
    c.json(await joinAsHost(c.var.call, c.req.valid("json")), 201),
  );
  api.openapi(hostRoute, (c) => connectHost(c.var.call, c.req.raw));
  api.openapi(workerRoute, (c) =>
    connectWorker(c.var.call, c.req.raw, c.req.valid("param").workerId),
  );
}
