// What comes before every handler: does a session ask from our own pages (403), may the caller do this
// (401, 404, 403), and is the body readable at all (413, 415, 400). The gate comes first, so that nobody without a token makes us read a body.
import type { Context, MiddlewareHandler } from "hono";
import { ProblemError } from "../../../protocol/problems.ts";
import { LIMITS } from "../../../protocol/spec.ts";
import { admit } from "../../services/admit.ts";
import type { Access, ApiEnv, GuardEnv } from "../app-types.ts";
import { checkOrigin, readSession } from "../session-cookie.ts";

type Body = "none" | "optional" | "required";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

export function guard<A extends Access>(
  access: A,
  wants: { readonly body: Body; readonly stream: boolean },
): MiddlewareHandler<GuardEnv<A>> {
  const run: MiddlewareHandler<ApiEnv & { Variables: { admitted: unknown } }> = async (c, next) => {
    const authorization = c.req.header("authorization");
    const session = authorization === undefined ? readSession(c) : undefined;
    if (session !== undefined) checkOrigin(c, wants);
    if (access !== "public") {
      const refs = { project: c.req.param("project"), worker: c.req.param("worker") };
      const credentials = { authorization, session };
      c.set("admitted", await admit(c.var.call, { credentials, action: access, refs }));
    }
    if (wants.body !== "none") await takeBody(c, wants.body);
    await next();
  };
  return run as unknown as MiddlewareHandler<GuardEnv<A>>;
}

function tooLarge(): ProblemError {
  return new ProblemError("body_too_large", `Send at most ${LIMITS.bodyBytes} bytes.`);
}

/** Reads at most the limit; a body that says it is larger is not read at all. */
async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > LIMITS.bodyBytes) throw tooLarge();
  if (!request.body) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of request.body as ReadableStream<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > LIMITS.bodyBytes) break;
      text += decoder.decode(chunk, { stream: true });
    }
    text += decoder.decode();
  } catch {
    if (bytes <= LIMITS.bodyBytes)
      throw new ProblemError("malformed_json", "The body is not whole, or not UTF-8.");
  }
  if (bytes > LIMITS.bodyBytes) throw tooLarge();
  return text;
}

/** Hono keeps a body that was read as a promise, though its type says otherwise. */
function keepText(c: Context, text: string): void {
  (c.req.bodyCache as { text?: unknown }).text = Promise.resolve(text);
}

/** Nothing was sent: the validator is given `{}` as if it was, so that the schema's defaults hold. */
function keepAbsent(c: Context): void {
  const { method, signal, url } = c.req.raw;
  const headers = new Headers(c.req.raw.headers);
  headers.set("content-type", "application/json");
  c.req.raw = new Request(url, { method, signal, headers });
  keepText(c, "{}");
}

/** Leaves the body's text where the validators read it: they only ever see well-formed JSON. */
async function takeBody(c: Context, wants: Body): Promise<void> {
  const text = await readText(c.req.raw);
  const type = c.req.header("content-type");
  if (text === "" && wants === "optional") return keepAbsent(c);
  if (text === "") throw new ProblemError("malformed_json", "The body is empty.");
  if (!type || !JSON_TYPE.test(type)) {
    throw new ProblemError("unsupported_media_type", "Send `Content-Type: application/json`.");
  }
  let drops = false;
  try {
    // Parsers drop such a field without a word, however it is spelled.
    const suspects = /__proto__|\\u/.test(text);
    const look = (key: string, value: unknown) => {
      drops ||= key === "__proto__";
      return value;
    };
    JSON.parse(text, suspects ? look : undefined);
  } catch {
    // The parser's own words quote the body, which may hold secrets.
    throw new ProblemError("malformed_json", "Check its quotes, commas and brackets.");
  }
  if (drops) {
    const errors = [{ path: "__proto__", message: "is not a known field" }];
    throw new ProblemError("invalid_request", "No field may be called __proto__.", errors);
  }
  keepText(c, text);
}
