// Config as code: one call that puts a coppice.toml into force, and the schema of such files.
import { z } from "@hono/zod-openapi";
import { CoppiceToml } from "../../../protocol/config.ts";
import { ConfigView, PutConfigQuery } from "../../../protocol/rest.ts";
import { applyConfig } from "../../services/config/apply.ts";
import { configSchema } from "../../services/config/schema.ts";
import { once } from "../../services/seed.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { expectedTag, repeatKey } from "../conditions.ts";
import { body, ConfigHeaders, json, ProjectParams } from "../schemas.ts";

const applyRoute = defineRoute("config.apply", {
  method: "put",
  path: "/v1/projects/{project}/config",
  operationId: "putConfig",
  summary:
    "Put a coppice.toml, as JSON, into force: all of it or nothing. Workers that it does not name are left alone.",
  tags: ["Config"],
  request: {
    params: ProjectParams,
    query: PutConfigQuery,
    body: body(CoppiceToml, true),
    headers: ConfigHeaders,
  },
  responses: { 200: json(ConfigView, "The plan, and with which deploys it was carried out.") },
  problems: [
    "conflict",
    "precondition_failed",
    "idempotency_mismatch",
    "local_repo_refused",
    "env_unresolved",
  ],
});

const schemaRoute = defineRoute("public", {
  method: "get",
  path: "/schema/coppice.json",
  operationId: "configSchema",
  summary: "The JSON Schema of coppice.toml, for editors.",
  tags: ["Config"],
  responses: {
    200: {
      description: "A JSON Schema of draft 07.",
      content: {
        "application/schema+json": {
          schema: z.record(z.string(), z.unknown()),
          example: { $schema: "http://json-schema.org/draft-07/schema#", title: "coppice.toml" },
        },
      },
    },
  },
});

export function configRoutes(api: Api): void {
  api.openapi(applyRoute, async (c) => {
    const { admitted } = c.var;
    const { deploy, dry_run } = c.req.valid("query");
    const config = c.req.valid("json");
    const expected = expectedTag(c.req.header("if-match"));
    const input = { config, dryRun: dry_run === "1", deploy, expected };
    const view = await once(admitted, dry_run === "1" ? null : await repeatKey(c), {
      kept: true,
      run: (seed) => applyConfig(admitted, input, seed),
    });
    c.header("ETag", `"${view.version}"`);
    return c.json(view, 200);
  });
  api.openapi(schemaRoute, (c) =>
    c.json(configSchema(), 200, {
      "Content-Type": "application/schema+json",
      "Access-Control-Allow-Origin": "*",
      "Cache-Control": "public, max-age=3600",
    }),
  );
}
