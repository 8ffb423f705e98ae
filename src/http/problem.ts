// Anything that went wrong becomes application/problem+json here, and only here.
// What nobody expected says no more than its request id; the rest stands in our own log.
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import {
  type FieldError,
  PROBLEMS,
  type Problem,
  type ProblemCode,
  ProblemError,
} from "../../protocol/problems.ts";
import { logLine } from "../services/call.ts";
import type { ApiEnv } from "./app-types.ts";

const MOST_ERRORS = 50;

function join(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}

/** One entry for each thing that is wrong; of a union's branches the one that fits best speaks. */
export function fieldErrors(
  issues: readonly z.core.$ZodIssue[],
  under: readonly PropertyKey[] = [],
): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const path = [...under, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: join([...path, key]),
        message: "is not a known field",
      }));
    }
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const branches = issue.errors.map((errors) => fieldErrors(errors, path));
      return branches.reduce((best, one) => (one.length < best.length ? one : best));
    }
    if (issue.code === "invalid_key") return [{ path: join(path), message: "is not a valid name" }];
    return [{ path: join(path), message: issue.message }];
  });
}

/** One sentence for each place; a fault of the whole only where no part is at fault. */
function plain(errors: readonly FieldError[]): FieldError[] {
  const first = new Map(errors.toReversed().map((error) => [error.path, error]));
  const kept = errors.filter((error) => first.get(error.path) === error);
  const parts = kept.filter(({ path }) => path !== "");
  return (parts.length > 0 ? parts : kept).slice(0, MOST_ERRORS);
}

const SOURCES: Record<string, string> = {
  json: "body",
  query: "query",
  param: "address",
  header: "headers",
};

/** The hook of all validators: throws, so that a bad request leaves by the same door as any other problem. */
export function refuseInvalid(result: {
  readonly target: string;
  readonly success: boolean;
  readonly error?: z.ZodError | undefined;
}): void {
  if (result.success || !result.error) return;
  const errors = plain(fieldErrors(result.error.issues));
  const where = SOURCES[result.target] ?? result.target;
  const first = errors[0];
  throw new ProblemError(
    "invalid_request",
    first?.path
      ? `Mend \`${first.path}\` in the ${where}: ${first.message}.`
      : `Mend the ${where}: ${first?.message ?? "it is not valid"}.`,
    errors,
  );
}

const BY_STATUS: Record<number, ProblemCode> = {
  400: "malformed_json",
  413: "body_too_large",
  415: "unsupported_media_type",
};

function asProblem(error: Error): ProblemError | null {
  if (error instanceof ProblemError) return error;
  const code = error instanceof HTTPException ? BY_STATUS[error.status] : undefined;
  return code ? new ProblemError(code, `${PROBLEMS[code].title}.`) : null;
}

export function answerProblem(c: Context<ApiEnv>, error: Error): Response {
  const requestId = c.var.call?.requestId ?? "none";
  const known = asProblem(error);
  if (!known) {
    const cause = error.cause instanceof Error ? error.cause.message : undefined;
    logLine("error", "unexpected", {
      requestId,
      error: String(error),
      cause,
      stack: error.stack,
    });
  }
  const { code, message, errors } =
    known ??
    new ProblemError("internal", "Try again; if it stays so, report it with the request id.");
  const { status, title } = PROBLEMS[code];
  const problem: Problem = {
    type: `https://coppice.dev/problems/${code}`,
    title,
    status,
    code,
    detail: message,
    requestId,
    ...(errors.length > 0 ? { errors: [...errors] } : {}),
  };
  const headers: Record<string, string> = { "Content-Type": "application/problem+json" };
  if (code === "unauthenticated") headers["WWW-Authenticate"] = 'Bearer realm="coppice"';
  if (code === "unavailable") headers["Retry-After"] = "1";
  if (code === "rate_limited") headers["Retry-After"] = "60";
  return new Response(JSON.stringify(problem), { status, headers });
}
