// What surrounds every request: an id, the call context, security headers.
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { makeCall } from "../../services/call.ts";
import type { ApiEnv } from "../app-types.ts";

const secure = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: "DENY",
  overwrite: false,
});

function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `req_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export const surround: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const requestId = newRequestId();
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  c.set("call", makeCall(c.env, { requestId, now: Date.now(), waitUntil }));
  // The answer to an upgrade carries a socket and cannot be touched.
  const upgrade = c.req.header("upgrade") !== undefined;
  if (upgrade) await next();
  else await secure(c, next);
  if (c.res.status === 101) return;
  c.res.headers.set("X-Request-Id", requestId);
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
};
