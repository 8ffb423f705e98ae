// Projects.
import { CreateProject, listOf, PageQuery, ProjectView } from "../../../protocol/rest.ts";
import { createProject } from "../../services/projects/create.ts";
import { listProjects } from "../../services/projects/list.ts";
import { once } from "../../services/seed.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { repeatKey } from "../conditions.ts";
import { body, IdempotencyHeaders, json } from "../schemas.ts";

const tags = ["Projects"];

const listRoute = defineRoute("projects.list", {
  method: "get",
  path: "/v1/projects",
  operationId: "listProjects",
  summary: "The projects that the token may see.",
  tags,
  request: { query: PageQuery },
  responses: { 200: json(listOf(ProjectView), "A page of projects.") },
});

const createRoute = defineRoute("projects.create", {
  method: "post",
  path: "/v1/projects",
  operationId: "createProject",
  summary: "Make a project.",
  tags,
  request: { body: body(CreateProject, true), headers: IdempotencyHeaders },
  responses: { 201: json(ProjectView, "The project.") },
  problems: ["name_taken", "idempotency_mismatch"],
});

export function projectRoutes(api: Api): void {
  api.openapi(listRoute, async (c) =>
    c.json(await listProjects(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(createRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const project = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => createProject(admitted, input, seed),
    });
    c.header("Location", `/v1/projects/${project.id}`);
    return c.json(project, 201);
  });
}
