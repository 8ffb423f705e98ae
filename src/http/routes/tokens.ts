// API tokens of a project.
import { CreateToken, listOf, NewTokenView, PageQuery, TokenView } from "../../../protocol/rest.ts";
import { once } from "../../services/seed.ts";
import { createToken } from "../../services/tokens/create.ts";
import { listTokens } from "../../services/tokens/list.ts";
import { revokeToken } from "../../services/tokens/revoke.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { repeatKey } from "../conditions.ts";
import { body, IdempotencyHeaders, json, ProjectParams, TokenParams } from "../schemas.ts";

const tags = ["Tokens"];
const path = "/v1/projects/{project}/tokens";

const listRoute = defineRoute("tokens.list", {
  method: "get",
  path,
  operationId: "listTokens",
  summary: "The tokens of a project; never their text.",
  tags,
  request: { params: ProjectParams, query: PageQuery },
  responses: { 200: json(listOf(TokenView), "A page of tokens, oldest first.") },
});

const createRoute = defineRoute("tokens.create", {
  method: "post",
  path,
  operationId: "createToken",
  summary: "Make a token for this project.",
  tags,
  request: {
    params: ProjectParams,
    body: body(CreateToken, true),
    headers: IdempotencyHeaders,
  },
  responses: { 201: json(NewTokenView, "The token, its text shown this once.") },
  problems: ["idempotency_mismatch"],
});

const revokeRoute = defineRoute("tokens.revoke", {
  method: "delete",
  path: `${path}/{token}`,
  operationId: "revokeToken",
  summary: "Make a token worthless at once.",
  tags,
  request: { params: TokenParams },
  responses: { 204: { description: "It is revoked." } },
});

export function tokenRoutes(api: Api): void {
  api.openapi(listRoute, async (c) =>
    c.json(await listTokens(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(createRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const token = await once(admitted, await repeatKey(c), {
      kept: false,
      run: (seed) => createToken(admitted, input, seed),
    });
    return c.json(token, 201);
  });
  api.openapi(revokeRoute, async (c) => {
    await revokeToken(c.var.admitted, c.req.valid("param").token);
    return c.body(null, 204);
  });
}
