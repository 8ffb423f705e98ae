// What owners say on the status page: which workers are public, updates of incidents, scheduled maintenances.
import { z } from "@hono/zod-openapi";
import { listOf, PageQuery } from "../../../protocol/rest.ts";
import {
  AnnotateIncident,
  CreateMaintenance,
  IncidentView,
  MaintenanceView,
  PublishWorker,
  StatusPageView,
} from "../../../protocol/status-page.ts";
import { once } from "../../services/seed.ts";
import { annotateIncident } from "../../services/status-page/annotate.ts";
import { listIncidents } from "../../services/status-page/incidents.ts";
import {
  cancelMaintenance,
  createMaintenance,
  listMaintenances,
} from "../../services/status-page/maintenances.ts";
import { publishedWorker, publishWorker } from "../../services/status-page/publish.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { repeatKey } from "../conditions.ts";
import { body, IdempotencyHeaders, json, ProjectParams, WorkerParams } from "../schemas.ts";

const tags = ["Status page"];
const worker = "/v1/projects/{project}/workers/{worker}/status-page";
const incidents = "/v1/projects/{project}/incidents";
const maintenances = "/v1/projects/{project}/maintenances";

const IncidentParams = ProjectParams.extend({
  incident: z.string().openapi({ description: "Id of the incident.", example: "inc_0193…" }),
});
const MaintenanceParams = ProjectParams.extend({
  maintenance: z.string().openapi({ description: "Id of the maintenance.", example: "mnt_0193…" }),
});

const readRoute = defineRoute("status-page.read", {
  method: "get",
  path: worker,
  operationId: "getStatusPage",
  summary: "Whether the worker is public, and under which name.",
  tags,
  request: { params: WorkerParams },
  responses: { 200: json(StatusPageView, "What strangers see of it.") },
});

const publishRoute = defineRoute("status-page.publish", {
  method: "put",
  path: worker,
  operationId: "publishWorker",
  summary: "Make the worker public on the status page, or private again.",
  description:
    "Strangers then see this name, the project's name, and how much of the time the worker ran; nothing else of it.",
  tags,
  request: { params: WorkerParams, body: body(PublishWorker, true) },
  responses: { 200: json(StatusPageView, "What strangers see of it, within a minute.") },
});

const incidentsRoute = defineRoute("incidents.list", {
  method: "get",
  path: incidents,
  operationId: "listIncidents",
  summary: "The incidents of the project's public workers.",
  tags,
  request: { params: ProjectParams, query: PageQuery },
  responses: { 200: json(listOf(IncidentView), "A page of incidents, newest first.") },
});

const annotateRoute = defineRoute("incidents.annotate", {
  method: "post",
  path: `${incidents}/{incident}/updates`,
  operationId: "annotateIncident",
  summary: "Add an update to an incident; nothing that was said is taken back.",
  tags,
  request: {
    params: IncidentParams,
    body: body(AnnotateIncident, true),
    headers: IdempotencyHeaders,
  },
  responses: { 201: json(IncidentView, "The incident with the update.") },
  problems: ["conflict", "idempotency_mismatch"],
});

const listRoute = defineRoute("maintenances.list", {
  method: "get",
  path: maintenances,
  operationId: "listMaintenances",
  summary: "Scheduled maintenances, past ones too.",
  tags,
  request: { params: ProjectParams, query: PageQuery },
  responses: { 200: json(listOf(MaintenanceView), "A page of maintenances, newest first.") },
});

const createRoute = defineRoute("maintenances.create", {
  method: "post",
  path: maintenances,
  operationId: "createMaintenance",
  summary:
    "Announce a maintenance; while it is under way, the workers that it names open no incident.",
  tags,
  request: {
    params: ProjectParams,
    body: body(CreateMaintenance, true),
    headers: IdempotencyHeaders,
  },
  responses: { 201: json(MaintenanceView, "The maintenance.") },
  problems: ["idempotency_mismatch"],
});

const cancelRoute = defineRoute("maintenances.cancel", {
  method: "delete",
  path: `${maintenances}/{maintenance}`,
  operationId: "cancelMaintenance",
  summary: "Take back a maintenance that is not over.",
  tags,
  request: { params: MaintenanceParams },
  responses: { 204: { description: "It is canceled." } },
});

export function statusPageRoutes(api: Api): void {
  api.openapi(readRoute, async (c) => c.json(await publishedWorker(c.var.admitted), 200));
  api.openapi(publishRoute, async (c) =>
    c.json(await publishWorker(c.var.admitted, c.req.valid("json")), 200),
  );
  api.openapi(incidentsRoute, async (c) =>
    c.json(await listIncidents(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(annotateRoute, async (c) => {
    const { admitted } = c.var;
    const input = { id: c.req.valid("param").incident, annotation: c.req.valid("json") };
    const incident = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => annotateIncident(admitted, input, seed),
    });
    return c.json(incident, 201);
  });
  api.openapi(listRoute, async (c) =>
    c.json(await listMaintenances(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(createRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const maintenance = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => createMaintenance(admitted, input, seed),
    });
    return c.json(maintenance, 201);
  });
  api.openapi(cancelRoute, async (c) => {
    await cancelMaintenance(c.var.admitted, c.req.valid("param").maintenance);
    return c.body(null, 204);
  });
}
