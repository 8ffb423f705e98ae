// What a call of the API can fail with, as types to switch on.
import type { FieldError, Problem, ProblemCode } from "../protocol/problems.ts";

/** The control plane answered, and it was no: its problem document (RFC 9457). */
export class ApiError extends Error {
  readonly status: number;
  /** `unknown` where something between us and the control plane answered instead of it. */
  readonly code: ProblemCode | "unknown";
  readonly title: string;
  readonly requestId: string | null;
  readonly errors: readonly FieldError[];

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `The control plane answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.title = problem.title ?? `HTTP ${status}`;
    this.requestId = problem.requestId ?? null;
    this.errors = problem.errors ?? [];
  }
}

/** No answer came: nobody is there, the way is cut, or it took too long. */
export class LinkError extends Error {
  readonly url: string;
  readonly reason: "unreachable" | "timeout";

  constructor(url: string, reason: "unreachable" | "timeout", cause?: unknown) {
    super(
      reason === "timeout" ? `${url} did not answer in time.` : `${url} cannot be reached.`,
      cause === undefined ? {} : { cause },
    );
    this.name = "LinkError";
    this.url = url;
    this.reason = reason;
  }
}

/** The problem in an answer that is not 2xx; whatever else it says becomes a short `detail`. */
export async function problemOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === "object" && problem !== null && "code" in problem) {
      return new ApiError(response.status, problem as Partial<Problem>);
    }
  } catch {
    // Not JSON: some proxy's page.
  }
  const detail = `The answer was ${response.status} ${response.statusText}`.trimEnd();
  return new ApiError(response.status, { detail: `${detail}, and not from a Coppice.` });
}
