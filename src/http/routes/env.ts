// Variables of a worker: names come out, values only go in.
import { ChangeEnv, EnvChangeView, EnvView } from "../../../protocol/rest.ts";
import { changeEnv } from "../../services/env/change.ts";
import { getEnv } from "../../services/env/get.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { body, json, WorkerParams } from "../schemas.ts";

const path = "/v1/projects/{project}/workers/{worker}/env";
const tags = ["Environment"];

const getRoute = defineRoute("env.read", {
  method: "get",
  path,
  operationId: "getEnv",
  summary: "The names of a worker's variables; never their values.",
  tags,
  request: { params: WorkerParams },
  responses: { 200: json(EnvView, "The variables by name.") },
});

const changeRoute = defineRoute("env.change", {
  method: "put",
  path,
  operationId: "changeEnv",
  summary: "Set and unset variables, singly or by a `.env` text; in force with the next deploy.",
  tags,
  request: { params: WorkerParams, body: body(ChangeEnv, true) },
  responses: { 200: json(EnvChangeView, "The variables after the change, with warnings.") },
  problems: ["conflict"],
});

export function envRoutes(api: Api): void {
  api.openapi(getRoute, async (c) => c.json(await getEnv(c.var.admitted), 200));
  api.openapi(changeRoute, async (c) =>
    c.json(await changeEnv(c.var.admitted, c.req.valid("json")), 200),
  );
}
