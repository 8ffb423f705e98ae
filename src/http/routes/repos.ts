// Looking into a repository before a worker is made of it.
import { InspectRepo, RepoView } from "../../../protocol/rest.ts";
import { inspectRepo } from "../../services/repos/inspect.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { body, json, ProjectParams } from "../schemas.ts";

const inspectRoute = defineRoute("repos.inspect", {
  method: "post",
  path: "/v1/projects/{project}/inspect-repo",
  operationId: "inspectRepo",
  summary: "The branches of a repository, and commands that its files suggest.",
  tags: ["Workers"],
  request: { params: ProjectParams, body: body(InspectRepo, true) },
  responses: { 200: json(RepoView, "What could be read; `reason` says what could not.") },
  problems: ["local_repo_refused"],
});

export function repoRoutes(api: Api): void {
  api.openapi(inspectRoute, async (c) =>
    c.json(await inspectRepo(c.var.admitted, c.req.valid("json")), 200),
  );
}
