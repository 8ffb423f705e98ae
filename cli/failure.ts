// What went wrong, in words for a person, with an exit code and what to do next.
import { ApiError, LinkError } from "../client/index.ts";
import type { Place } from "./config/place.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { clean } from "./output/sanitise.ts";

export interface Failure {
  readonly code: ExitCode;
  readonly message: string;
  /** More lines: what is wrong with which field, the request's id. */
  readonly details: readonly string[];
  /** Commands that lead on. */
  readonly next: readonly string[];
}

/** Where a command was going when it failed, as far as that is known. */
export interface Where {
  readonly place: Place | null;
  /** The project that coppice.toml names. */
  readonly fileProject: string | null;
}

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  401: EXIT.notAllowed,
  403: EXIT.notAllowed,
  404: EXIT.notFound,
  408: EXIT.timeout,
  409: EXIT.conflict,
  412: EXIT.conflict,
  504: EXIT.timeout,
};

function nextAfter(error: ApiError, { place, fileProject }: Where): string[] {
  if (error.status === 401) return place ? [place.remedy] : ["coppice login URL"];
  if (error.status === 403) return ["coppice whoami"];
  if (error.status === 412) return ["run it again: it starts from what is there now"];
  if (error.status === 503) return ["coppice doctor"];
  if (error.status !== 404) return [];
  const own = place?.project;
  if (own && fileProject && own !== fileProject) {
    return [`coppice … --project ${own}   (coppice.toml says ${clean(fileProject)})`];
  }
  return ["coppice status", "coppice whoami"];
}

function ofApi(error: ApiError, where: Where): Failure {
  const detail = clean(error.message);
  const fields = error.errors
    .filter(({ message }) => !detail.includes(message))
    .map(({ path, message }) => `${clean(path)}: ${clean(message)}`);
  const message =
    error.status === 401 && place(where) ? `${clean(error.title)} (${place(where)}).` : detail;
  const id =
    error.status >= 500 && error.requestId ? [`request id: ${clean(error.requestId)}`] : [];
  return {
    code: BY_STATUS[error.status] ?? EXIT.failed,
    message,
    details: [...fields, ...id],
    next: nextAfter(error, where),
  };
}

const place = (where: Where): string | null => where.place && `token from ${where.place.source}`;

function causeOf(error: LinkError): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return "";
  const inner = cause.cause instanceof Error ? cause.cause : cause;
  const code = (inner as { code?: unknown }).code;
  return typeof code === "string" ? ` (${code})` : inner.message ? ` (${inner.message})` : "";
}

export function describe(error: unknown, where: Where): Failure {
  if (error instanceof CliError) {
    return { code: error.code, message: error.message, details: [], next: error.next };
  }
  if (error instanceof ApiError) return ofApi(error, where);
  if (error instanceof LinkError) {
    const local = where.place?.source.endsWith("local.json");
    return {
      code: error.reason === "timeout" ? EXIT.timeout : EXIT.failed,
      message:
        error.reason === "timeout"
          ? error.message
          : `${error.message.slice(0, -1)}${causeOf(error)}.`,
      details: where.place ? [`address from ${where.place.source}`] : [],
      next: [...(local ? ["npm start   (in the checkout: is it running?)"] : []), "coppice doctor"],
    };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: EXIT.failed,
    message: "Something broke in the command line itself.",
    details: text.split("\n").map(clean),
    next: ["coppice --version   (say it with a report)"],
  };
}
