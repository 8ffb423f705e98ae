// Going back to an older release, and what that would change.
import { z } from "@hono/zod-openapi";
import { CreateRollback, DeployView, ReleaseDiffView } from "../../../protocol/rest.ts";
import { diffReleases } from "../../services/deploys/diff.ts";
import { rollBack } from "../../services/deploys/rollback.ts";
import { once } from "../../services/seed.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { repeatKey } from "../conditions.ts";
import { body, IdempotencyHeaders, json, ReleaseParams, WorkerParams } from "../schemas.ts";

const tags = ["Deploys"];
const one = "/v1/projects/{project}/workers/{worker}";

const rollbackRoute = defineRoute("deploys.rollback", {
  method: "post",
  path: `${one}/rollbacks`,
  operationId: "rollBack",
  summary: "Bring back what an older release was: files, commands and variables, without a build.",
  tags,
  request: {
    params: WorkerParams,
    body: body(CreateRollback, false),
    headers: IdempotencyHeaders,
  },
  responses: {
    201: json(
      DeployView,
      "The deploy that brings it back; those that were under way are canceled.",
    ),
  },
  problems: ["conflict", "idempotency_mismatch"],
});

const diffRoute = defineRoute("workers.read", {
  method: "get",
  path: `${one}/releases/{number}/diff`,
  operationId: "diffReleases",
  summary:
    "What would be different with that release: commit, commands, variables by name and version.",
  tags,
  request: {
    params: ReleaseParams,
    query: z.object({
      against: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .openapi({ description: "The release to compare with; the live one where left out." }),
    }),
  },
  responses: { 200: json(ReleaseDiffView, "What differs.") },
  problems: ["conflict"],
});

export function releaseRoutes(api: Api): void {
  api.openapi(rollbackRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const deploy = await once(admitted, await repeatKey(c), {
      kept: true,
      run: (seed) => rollBack(admitted, input, seed),
    });
    c.header("Location", `${c.req.path.replace(/\/rollbacks$/, "/deploys")}/${deploy.number}`);
    return c.json(deploy, 201);
  });
  api.openapi(diffRoute, async (c) => {
    const { against = null } = c.req.valid("query");
    const sides = { to: c.req.valid("param").number, against };
    return c.json(await diffReleases(c.var.admitted, sides), 200);
  });
}
