// Workers: make, list, look at, change, stop, start, delete.
import { listOf, PageQuery, WorkerView } from "../../../protocol/rest.ts";
import { CreateWorker, PatchWorker } from "../../../protocol/spec.ts";
import { once } from "../../services/seed.ts";
import { createWorker } from "../../services/workers/create.ts";
import { deleteWorker } from "../../services/workers/delete.ts";
import { getWorker } from "../../services/workers/get.ts";
import { listWorkers } from "../../services/workers/list.ts";
import { patchWorker } from "../../services/workers/patch.ts";
import { startWorker } from "../../services/workers/start.ts";
import { stopWorker } from "../../services/workers/stop.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { etag, expectedVersion, repeatKey } from "../conditions.ts";
import {
  body,
  IdempotencyHeaders,
  IfMatchHeaders,
  json,
  ProjectParams,
  WorkerParams,
} from "../schemas.ts";

const tags = ["Workers"];
const one = "/v1/projects/{project}/workers/{worker}";

const listRoute = defineRoute("workers.list", {
  method: "get",
  path: "/v1/projects/{project}/workers",
  operationId: "listWorkers",
  summary: "The workers of a project, with the status that was known last.",
  tags,
  request: { params: ProjectParams, query: PageQuery },
  responses: { 200: json(listOf(WorkerView), "A page of workers, oldest first.") },
});

const createRoute = defineRoute("workers.create", {
  method: "post",
  path: "/v1/projects/{project}/workers",
  operationId: "createWorker",
  summary: "Make a worker and deploy it at once.",
  tags,
  request: {
    params: ProjectParams,
    body: body(CreateWorker, true),
    headers: IdempotencyHeaders,
  },
  responses: { 201: json(WorkerView, "The worker; its first deploy is on its way.") },
  problems: ["name_taken", "idempotency_mismatch", "local_repo_refused", "env_unresolved"],
});

const getRoute = defineRoute("workers.read", {
  method: "get",
  path: one,
  operationId: "getWorker",
  summary: "One worker, with its status now.",
  tags,
  request: { params: WorkerParams },
  responses: { 200: json(WorkerView, "The worker; `ETag` is its spec version.") },
});

const patchRoute = defineRoute("workers.patch", {
  method: "patch",
  path: one,
  operationId: "patchWorker",
  summary: "Change some fields; `instances` scales.",
  tags,
  request: { params: WorkerParams, body: body(PatchWorker, true), headers: IfMatchHeaders },
  responses: { 200: json(WorkerView, "The worker after the change.") },
  problems: [
    "name_taken",
    "conflict",
    "precondition_failed",
    "local_repo_refused",
    "env_unresolved",
  ],
});

const deleteRoute = defineRoute("workers.delete", {
  method: "delete",
  path: one,
  operationId: "deleteWorker",
  summary: "End a worker for good; its name is free at once.",
  tags,
  request: { params: WorkerParams, headers: IfMatchHeaders },
  responses: { 202: json(WorkerView, "The worker as it was; its programs are being stopped.") },
  problems: ["conflict", "precondition_failed"],
});

const stopRoute = defineRoute("workers.stop", {
  method: "post",
  path: `${one}/stop`,
  operationId: "stopWorker",
  summary: "Stop all instances and keep everything else.",
  tags,
  request: { params: WorkerParams },
  responses: { 200: json(WorkerView, "The worker; its instances are being stopped.") },
  problems: ["conflict"],
});

const startRoute = defineRoute("workers.start", {
  method: "post",
  path: `${one}/start`,
  operationId: "startWorker",
  summary: "Run a stopped worker again.",
  tags,
  request: { params: WorkerParams },
  responses: { 200: json(WorkerView, "The worker; its instances are being started.") },
  problems: ["conflict"],
});

export function workerRoutes(api: Api): void {
  api.openapi(listRoute, async (c) =>
    c.json(await listWorkers(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(createRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const worker = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => createWorker(admitted, input, seed),
    });
    c.header("Location", `/v1/projects/${admitted.project.name}/workers/${worker.id}`);
    c.header("ETag", etag(worker.specVersion));
    return c.json(worker, 201);
  });
  api.openapi(getRoute, async (c) => {
    const worker = await getWorker(c.var.admitted);
    c.header("ETag", etag(worker.specVersion));
    return c.json(worker, 200);
  });
  api.openapi(patchRoute, async (c) => {
    const expected = expectedVersion(c.req.header("if-match"));
    const worker = await patchWorker(c.var.admitted, { patch: c.req.valid("json"), expected });
    c.header("ETag", etag(worker.specVersion));
    return c.json(worker, 200);
  });
  api.openapi(deleteRoute, async (c) => {
    const expected = expectedVersion(c.req.header("if-match"));
    return c.json(await deleteWorker(c.var.admitted, { expected }), 202);
  });
  api.openapi(stopRoute, async (c) => {
    const worker = await stopWorker(c.var.admitted);
    c.header("ETag", etag(worker.specVersion));
    return c.json(worker, 200);
  });
  api.openapi(startRoute, async (c) => {
    const worker = await startWorker(c.var.admitted);
    c.header("ETag", etag(worker.specVersion));
    return c.json(worker, 200);
  });
}
