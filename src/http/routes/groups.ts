// Groups of variables that workers share: names come out, values only go in.
import {
  ChangeEnv,
  ChangeGroupQuery,
  CreateGroup,
  GroupChangeView,
  GroupView,
  listOf,
  PageQuery,
} from "../../../protocol/rest.ts";
import { changeGroup } from "../../services/groups/change.ts";
import { createGroup } from "../../services/groups/create.ts";
import { deleteGroup } from "../../services/groups/delete.ts";
import { getGroup } from "../../services/groups/get.ts";
import { listGroups } from "../../services/groups/list.ts";
import { once } from "../../services/seed.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { repeatKey } from "../conditions.ts";
import { body, GroupParams, IdempotencyHeaders, json, ProjectParams } from "../schemas.ts";

const tags = ["Environment"];
const path = "/v1/projects/{project}/groups";

const listRoute = defineRoute("groups.read", {
  method: "get",
  path,
  operationId: "listGroups",
  summary: "The groups of variables of a project; never their values.",
  tags,
  request: { params: ProjectParams, query: PageQuery },
  responses: { 200: json(listOf(GroupView), "A page of groups, oldest first.") },
});

const createRoute = defineRoute("groups.create", {
  method: "post",
  path,
  operationId: "createGroup",
  summary: "Make a group; workers take its variables once their `groups` name it.",
  tags,
  request: { params: ProjectParams, body: body(CreateGroup, true), headers: IdempotencyHeaders },
  responses: { 201: json(GroupView, "The group.") },
  problems: ["name_taken", "idempotency_mismatch"],
});

const getRoute = defineRoute("groups.read", {
  method: "get",
  path: `${path}/{group}`,
  operationId: "getGroup",
  summary: "The names of a group's variables, and the workers that take them.",
  tags,
  request: { params: GroupParams },
  responses: { 200: json(GroupView, "The group.") },
});

const changeRoute = defineRoute("groups.change", {
  method: "put",
  path: `${path}/{group}/env`,
  operationId: "changeGroup",
  summary:
    "Set and unset a group's variables; in force with the next deploy of each worker, at once with `deploy=1`.",
  tags,
  request: {
    params: GroupParams,
    query: ChangeGroupQuery,
    body: body(ChangeEnv, true),
    headers: IdempotencyHeaders,
  },
  responses: { 200: json(GroupChangeView, "The group after the change, with warnings.") },
  problems: ["conflict", "idempotency_mismatch"],
});

const deleteRoute = defineRoute("groups.delete", {
  method: "delete",
  path: `${path}/{group}`,
  operationId: "deleteGroup",
  summary: "Delete a group that no worker names any more.",
  tags,
  request: { params: GroupParams },
  responses: { 204: { description: "It is gone, and its values with it." } },
  problems: ["conflict"],
});

export function groupRoutes(api: Api): void {
  api.openapi(listRoute, async (c) =>
    c.json(await listGroups(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(createRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const group = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => createGroup(admitted, input, seed),
    });
    c.header("Location", `${c.req.path}/${group.id}`);
    return c.json(group, 201);
  });
  api.openapi(getRoute, async (c) =>
    c.json(await getGroup(c.var.admitted, c.req.valid("param").group), 200),
  );
  api.openapi(changeRoute, async (c) => {
    const { admitted } = c.var;
    const deploy = c.req.valid("query").deploy === "1";
    const change = c.req.valid("json");
    const group = c.req.valid("param").group;
    const view = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => changeGroup(admitted, group, { change, deploy, seed }),
    });
    return c.json(view, 200);
  });
  api.openapi(deleteRoute, async (c) => {
    await deleteGroup(c.var.admitted, c.req.valid("param").group);
    return c.body(null, 204);
  });
}
