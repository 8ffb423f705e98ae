// Conditions and keys that come in headers: If-Match against a spec version, Idempotency-Key for creates.
import type { Context } from "hono";
import { ProblemError } from "../../protocol/problems.ts";
import type { RepeatKey } from "../services/seed.ts";

export function etag(specVersion: number): string {
  return `"${specVersion}"`;
}

/** The spec version that the caller wants to change; null where any will do. */
export function expectedVersion(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === "*") return null;
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(ifMatch.trim())?.[1];
  if (version) return Number(version);
  throw new ProblemError("invalid_request", "Send If-Match with the ETag that you were given.", [
    { path: "If-Match", message: 'must be an ETag such as "3"' },
  ]);
}

/** A tag that is not a number, without its quotes; null where any will do. */
export function expectedTag(ifMatch: string | undefined): string | null {
  if (ifMatch === undefined || ifMatch.trim() === "*") return null;
  const tag = /^(?:W\/)?"([^"]*)"$/.exec(ifMatch.trim())?.[1];
  if (tag !== undefined) return tag;
  throw new ProblemError("invalid_request", "Send If-Match with the ETag that you were given.", [
    { path: "If-Match", message: "must be an ETag in quotes" },
  ]);
}

/** All that tells this create from others; null where no key was sent. */
export async function repeatKey(c: Context): Promise<RepeatKey | null> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return null;
  const { pathname, search } = new URL(c.req.url);
  return { key, method: c.req.method, path: pathname + search, body: await c.req.text() };
}
