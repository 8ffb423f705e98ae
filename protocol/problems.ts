// One total table of problem codes: a code without a status or a title does not compile.
// Sent as application/problem+json (RFC 9457) with `code` and `requestId`.
import * as z from "zod";

export const PROBLEMS = {
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  invalid_request: { status: 400, title: "Something in the request is not valid" },
  unauthenticated: { status: 401, title: "A token is missing, unknown or expired" },
  hook_signature: { status: 401, title: "The call is not signed as it should be" },
  forbidden: { status: 403, title: "This token may not do that" },
  not_found: { status: 404, title: "There is no such thing here" },
  method_not_allowed: { status: 405, title: "This address does not take that method" },
  name_taken: { status: 409, title: "The name is taken" },
  conflict: { status: 409, title: "That does not fit the present state" },
  idempotency_mismatch: { status: 409, title: "This Idempotency-Key was used for another request" },
  join_token_spent: { status: 409, title: "The join token was used already" },
  precondition_failed: { status: 412, title: "It was changed in the meantime" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be JSON" },
  local_repo_refused: { status: 422, title: "A local repository is not allowed here" },
  artifact_mismatch: { status: 422, title: "The bytes are not those that were announced" },
  env_unresolved: { status: 422, title: "A variable refers to what is not there" },
  upgrade_required: { status: 426, title: "This address is a WebSocket" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something broke on our side" },
  unavailable: { status: 503, title: "Not reachable for the moment" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

export const FieldError = z.object({
  /** Dotted path, e.g. `env.LOG_LEVEL`; empty for the whole body. */
  path: z.string(),
  message: z.string(),
});
export type FieldError = z.infer<typeof FieldError>;

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(PROBLEM_CODES),
  /** What to do next, in one sentence. */
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(FieldError).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** The one error that services throw; `http/` turns it into a problem document. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  constructor(code: ProblemCode, detail: string, errors: readonly FieldError[] = []) {
    super(detail);
    this.name = "ProblemError";
    this.code = code;
    this.errors = errors;
  }
}
