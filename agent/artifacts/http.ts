// Requests with bytes in their body or their answer, streamed: what uploads and downloads of artifacts stand on.
import { createReadStream } from "node:fs";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Answer, AskOptions } from "../world.ts";

/** Silence on the line for this long ends a request. */
const IDLE_MS = 30_000;

/** Throws where no answer came at all; an answer of any status is one. */
export async function ask(options: AskOptions): Promise<Answer> {
  const { url, method, body, signal } = options;
  const send = url.startsWith("https:") ? tlsRequest : plainRequest;
  const headers: Record<string, string> = { ...options.headers };
  if (body !== undefined)
    headers["content-length"] = String(
      body.kind === "json" ? Buffer.byteLength(body.text) : body.bytes,
    );
  if (body?.kind === "json") headers["content-type"] = "application/json";
  const request = send(url, { method, headers, signal });
  request.setTimeout(options.idleMs ?? IDLE_MS, () =>
    request.destroy(new Error("the control plane did not answer in time")),
  );
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    // An error after the answer came belongs to who reads it.
    request.on("error", reject);
  });
  if (body?.kind === "file") {
    const { path, start, bytes, onSent } = body;
    const file = createReadStream(path, { start, end: start + bytes - 1, highWaterMark: 65_536 });
    file.on("data", (chunk) => onSent?.(chunk.length));
    file.on("error", (error) => request.destroy(error));
    request.once("close", () => file.destroy());
    file.pipe(request);
  } else {
    request.end(body?.text);
  }
  const response = await answered;
  const { statusCode = 0 } = response;
  return { status: statusCode, headers: response.headers, body: response };
}
