// The types of the Hono app: what every handler has at hand, and what a route's access makes of it.
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Env } from "../env.ts";
import type { Admitted } from "../services/admit.ts";
import type { Action } from "../services/authorise.ts";
import type { Call } from "../services/call.ts";

export interface ApiEnv {
  Bindings: Env;
  Variables: { call: Call };
}
export type Api = OpenAPIHono<ApiEnv>;

/** `public`: needs no token of the API; the verb checks what it needs by itself. */
export type Access = Action | "public";

export interface GuardEnv<A extends Access> {
  Variables: { admitted: A extends Action ? Admitted<A> : null };
}
