// What every verb is given besides its input: bindings, the time of the request and its id.
import { type Db, openDb } from "../db/client.ts";
import type { Env } from "../env.ts";

export interface Call {
  readonly env: Env;
  readonly db: Db;
  readonly requestId: string;
  /** ms since the epoch. */
  readonly now: number;
  /** Keeps the request's isolate alive until the promise has settled; its failure is logged, not answered. */
  readonly later: (work: Promise<unknown>) => void;
}

export function makeCall(
  env: Env,
  input: {
    readonly requestId: string;
    readonly now: number;
    readonly waitUntil: (work: Promise<unknown>) => void;
  },
): Call {
  return {
    env,
    db: openDb(env.DB),
    requestId: input.requestId,
    now: input.now,
    later: (work) =>
      input.waitUntil(
        work.catch((error: unknown) =>
          logLine("warn", "later_failed", { requestId: input.requestId, error: String(error) }),
        ),
      ),
  };
}

/** One JSON line on the console: the control plane's own log. */
export function logLine(
  level: "info" | "warn" | "error",
  event: string,
  fields: Record<string, unknown>,
): void {
  console[level](JSON.stringify({ level, event, ...fields }));
}
