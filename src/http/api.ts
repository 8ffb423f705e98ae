// The table of routes: every route goes through `defineRoute` and names its access there.
//
// 1. A route without an access does not compile; the table is what tests and `405` go by.
// 2. A handler is given an `Admitted` of exactly that action, so it can only call the verb the route was declared for.
import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { ProblemCode } from "../../protocol/problems.ts";
import { ACTIONS, type Action } from "../services/authorise.ts";
import type { Access, GuardEnv } from "./app-types.ts";
import { guard } from "./middleware/guard.ts";
import { shellSample, withSamples } from "./samples.ts";
import { problemResponses } from "./schemas.ts";

export interface RouteEntry {
  readonly method: string;
  /** As in the OpenAPI document, with `{project}`. */
  readonly path: string;
  readonly access: Access;
  readonly stream: boolean;
}

const table: RouteEntry[] = [];
export const ROUTES: readonly RouteEntry[] = table;

type Config<P extends string> = Omit<RouteConfig, "path" | "middleware" | "security"> & {
  readonly path: P;
  readonly operationId: string;
  readonly summary: string;
  /** Answers with a stream, always or with `?follow=1`: a session is heard only from our own pages. */
  readonly stream?: boolean;
};

/** What any route may answer besides what it names itself. */
function usualProblems(access: Access, config: RouteConfig): ProblemCode[] {
  const body = config.request?.body
    ? (["malformed_json", "body_too_large", "unsupported_media_type"] as const)
    : [];
  const named = access !== "public" && ACTIONS[access].on !== "installation";
  return [
    "invalid_request",
    ...body,
    ...(access === "public" ? [] : (["unauthenticated"] as const)),
    // Also of what is open to all: a session is heard from our own pages only.
    "forbidden",
    ...(named ? (["not_found"] as const) : []),
    "internal",
    "unavailable",
  ];
}

export function defineRoute<A extends Access, P extends string, const R extends Config<P>>(
  access: A,
  config: R & { readonly path: P; readonly problems?: readonly ProblemCode[] },
) {
  const { problems = [], stream = false, ...rest } = config;
  const route = withSamples(rest as unknown as RouteConfig);
  table.push({ method: route.method.toUpperCase(), path: route.path, access, stream });
  const full = {
    ...route,
    ...(access === "public" ? {} : { security: [{ token: [] }, { session: [] }] }),
    "x-coppice-role": access === "public" ? null : ACTIONS[access as Action].role,
    "x-codeSamples": [{ lang: "Shell", source: shellSample(route, access !== "public") }],
    responses: {
      ...route.responses,
      ...problemResponses([...usualProblems(access, route), ...problems]),
    },
    middleware: guard(access, {
      body: route.request?.body ? (route.request.body.required ? "required" : "optional") : "none",
      stream,
    }),
  };
  return createRoute(
    full as unknown as R & { path: P; middleware: MiddlewareHandler<GuardEnv<A>> },
  );
}
