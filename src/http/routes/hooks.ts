// Hooks: their calls, which show a signature and no token; and making, rotating and ending them.
import type { Context } from "hono";
import { ProblemError } from "../../../protocol/problems.ts";
import {
  CreateHook,
  HookAnswer,
  type HookKind,
  HookView,
  listOf,
  NewHookView,
} from "../../../protocol/rest.ts";
import type { Call } from "../../services/call.ts";
import { createHook } from "../../services/hooks/create.ts";
import { listHooks } from "../../services/hooks/list.ts";
import { receiveHook } from "../../services/hooks/receive.ts";
import { revokeHook } from "../../services/hooks/revoke.ts";
import { rotateHook } from "../../services/hooks/rotate.ts";
import { once } from "../../services/seed.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { clientAddress } from "../client-address.ts";
import { repeatKey } from "../conditions.ts";
import { readBytes } from "../raw-body.ts";
import {
  body,
  HookIdParams,
  HookParams,
  IdempotencyHeaders,
  json,
  WorkerParams,
} from "../schemas.ts";
import { ownOrigin } from "../session-cookie.ts";

const tags = ["Hooks"];
const path = "/v1/projects/{project}/workers/{worker}/hooks";
/** A push of many commits names many files. */
const MOST_BYTES = 5_242_880;

const callProblems = [
  ...(["hook_signature", "not_found", "rate_limited", "malformed_json", "body_too_large"] as const),
  ...(["unsupported_media_type", "conflict", "idempotency_mismatch", "env_unresolved"] as const),
] as const;

const githubRoute = defineRoute("public", {
  method: "post",
  path: "/hooks/github/{hook}",
  operationId: "githubHook",
  summary:
    "For GitHub's webhooks: a push to the worker's branch deploys it. The body is GitHub's, signed in X-Hub-Signature-256.",
  tags,
  request: { params: HookIdParams },
  responses: { 200: json(HookAnswer, "What came of it.") },
  problems: [...callProblems],
});

const genericRoute = defineRoute("public", {
  method: "post",
  path: "/hooks/deploy/{hook}",
  operationId: "deployHook",
  summary:
    "For everything else: deploys the worker. X-Coppice-Signature is `sha256=` and the HMAC-SHA-256 of X-Coppice-Timestamp, a dot and the body.",
  tags,
  request: { params: HookIdParams },
  responses: { 200: json(HookAnswer, "What came of it.") },
  problems: [...callProblems],
});

const listRoute = defineRoute("hooks.list", {
  method: "get",
  path,
  operationId: "listHooks",
  summary: "The hooks of a worker; never their secrets.",
  tags,
  request: { params: WorkerParams },
  responses: { 200: json(listOf(HookView), "All of them, oldest first.") },
});

const createRoute = defineRoute("hooks.create", {
  method: "post",
  path,
  operationId: "createHook",
  summary: "Make a hook; its secret is shown this once.",
  tags,
  request: { params: WorkerParams, body: body(CreateHook, false), headers: IdempotencyHeaders },
  responses: { 201: json(NewHookView, "The hook with its secret.") },
  problems: ["conflict", "idempotency_mismatch"],
});

const rotateRoute = defineRoute("hooks.rotate", {
  method: "post",
  path: `${path}/{hook}/rotate`,
  operationId: "rotateHook",
  summary: "Give a hook another secret; the one before is worthless at once.",
  tags,
  request: { params: HookParams },
  responses: { 200: json(NewHookView, "The hook with its new secret, shown this once.") },
  problems: ["conflict"],
});

const revokeRoute = defineRoute("hooks.revoke", {
  method: "delete",
  path: `${path}/{hook}`,
  operationId: "revokeHook",
  summary: "End a hook.",
  tags,
  request: { params: HookParams },
  responses: { 204: { description: "Nobody is heard there any more." } },
});

/** What a call is read from. */
type Called = Pick<Context, "req"> & { readonly var: { readonly call: Call } };

async function readBody(request: Request): Promise<Uint8Array> {
  const bytes = await readBytes(request, MOST_BYTES);
  if (bytes) return bytes;
  throw new ProblemError("body_too_large", `A hook takes at most ${MOST_BYTES} bytes.`);
}

async function take(c: Called, id: string, kind: HookKind): Promise<HookAnswer> {
  const github = kind === "github";
  return receiveHook(c.var.call, {
    id,
    kind,
    readBody: () => readBody(c.req.raw),
    contentType: c.req.header("content-type"),
    signature: c.req.header(github ? "x-hub-signature-256" : "x-coppice-signature"),
    event: c.req.header("x-github-event"),
    timestamp: c.req.header("x-coppice-timestamp"),
    address: clientAddress(c.req.raw),
    path: c.req.path,
  });
}

export function hookRoutes(api: Api): void {
  api.openapi(githubRoute, async (c) =>
    c.json(await take(c, c.req.valid("param").hook, "github"), 200),
  );
  api.openapi(genericRoute, async (c) =>
    c.json(await take(c, c.req.valid("param").hook, "generic"), 200),
  );
  api.openapi(listRoute, async (c) => c.json(await listHooks(c.var.admitted, ownOrigin(c)), 200));
  api.openapi(createRoute, async (c) => {
    const { admitted } = c.var;
    const input = c.req.valid("json");
    const origin = ownOrigin(c);
    const hook = await once(admitted, await repeatKey(c), {
      kept: false,
      run: (seed) => createHook(admitted, input, { seed, origin }),
    });
    return c.json(hook, 201);
  });
  api.openapi(rotateRoute, async (c) =>
    c.json(await rotateHook(c.var.admitted, c.req.valid("param").hook, ownOrigin(c)), 200),
  );
  api.openapi(revokeRoute, async (c) => {
    await revokeHook(c.var.admitted, c.req.valid("param").hook);
    return c.body(null, 204);
  });
}
