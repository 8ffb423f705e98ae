// Deploys of a worker, and the restart, which is one too.
import { CreateDeploy, DeployView, listOf, PageQuery } from "../../../protocol/rest.ts";
import { cancelDeploy } from "../../services/deploys/cancel.ts";
import { createDeploy } from "../../services/deploys/create.ts";
import { getDeploy } from "../../services/deploys/get.ts";
import { listDeploys } from "../../services/deploys/list.ts";
import { restartWorker } from "../../services/deploys/restart.ts";
import { once } from "../../services/seed.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { repeatKey } from "../conditions.ts";
import { body, DeployParams, IdempotencyHeaders, json, WorkerParams } from "../schemas.ts";

const tags = ["Deploys"];
const one = "/v1/projects/{project}/workers/{worker}";

const listRoute = defineRoute("workers.read", {
  method: "get",
  path: `${one}/deploys`,
  operationId: "listDeploys",
  summary: "The deploys of a worker, newest first.",
  tags,
  request: { params: WorkerParams, query: PageQuery },
  responses: { 200: json(listOf(DeployView), "A page of deploys.") },
});

const createRoute = defineRoute("deploys.create", {
  method: "post",
  path: `${one}/deploys`,
  operationId: "createDeploy",
  summary: "Deploy a branch or commit, with the variables as they are now.",
  tags,
  request: {
    params: WorkerParams,
    body: body(CreateDeploy, false),
    headers: IdempotencyHeaders,
  },
  responses: { 201: json(DeployView, "The deploy, queued or further.") },
  problems: ["conflict", "idempotency_mismatch", "env_unresolved"],
});

const getRoute = defineRoute("workers.read", {
  method: "get",
  path: `${one}/deploys/{number}`,
  operationId: "getDeploy",
  summary: "One deploy, step by step.",
  tags,
  request: { params: DeployParams },
  responses: { 200: json(DeployView, "The deploy.") },
});

const cancelRoute = defineRoute("deploys.cancel", {
  method: "post",
  path: `${one}/deploys/{number}/cancel`,
  operationId: "cancelDeploy",
  summary: "End a deploy that is under way; what was live stays.",
  tags,
  request: { params: DeployParams },
  responses: { 200: json(DeployView, "The deploy after the cancel.") },
  problems: ["conflict"],
});

const restartRoute = defineRoute("workers.restart", {
  method: "post",
  path: `${one}/restart`,
  operationId: "restartWorker",
  summary: "Replace all instances of the live release.",
  tags,
  request: { params: WorkerParams, headers: IdempotencyHeaders },
  responses: { 202: json(DeployView, "The deploy that carries the restart out.") },
  problems: ["conflict", "idempotency_mismatch"],
});

export function deployRoutes(api: Api): void {
  api.openapi(listRoute, async (c) =>
    c.json(await listDeploys(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(createRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const deploy = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => createDeploy(admitted, input, seed),
    });
    c.header("Location", `${c.req.path}/${deploy.number}`);
    return c.json(deploy, 201);
  });
  api.openapi(getRoute, async (c) =>
    c.json(await getDeploy(c.var.admitted, c.req.valid("param").number), 200),
  );
  api.openapi(cancelRoute, async (c) =>
    c.json(await cancelDeploy(c.var.admitted, c.req.valid("param").number), 200),
  );
  api.openapi(restartRoute, async (c) => {
    const { admitted } = c.var;
    const deploy = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => restartWorker(admitted, seed),
    });
    return c.json(deploy, 202);
  });
}
