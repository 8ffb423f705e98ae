// The built dashboard with its own headers, and an API that says what a test wants: for what no real part would do on
// demand, such as 5,000 lines a second or a name full of tricks.

import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { buildDashboard } from "../../../scripts/build-dashboard.ts";

const root = resolve(import.meta.dirname, "../../..");
const built = join(root, "dist", "dashboard");
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** An answer: JSON, or what writes the response itself. */
export type Answer = object | null | ((response: ServerResponse, request: IncomingMessage) => void);

export interface Stub {
  readonly url: string;
  /** `GET /v1/whoami` → answer. The query is not part of the key. */
  readonly answers: Map<string, Answer>;
  readonly close: () => Promise<void>;
}

/** The headers of `/*` in `_headers`. */
function headersOf(): [string, string][] {
  const text = readFileSync(join(built, "_headers"), "utf8").split(/\n(?=\S)/)[0] ?? "";
  return [...text.matchAll(/^ {2}([\w-]+): (.*)$/gm)].map((match) => [
    match[1] ?? "",
    match[2] ?? "",
  ]);
}

export async function startStub(): Promise<Stub> {
  await buildDashboard(root);
  const headers = headersOf();
  const answers = new Map<string, Answer>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://stub");
    if (pathname.startsWith("/v1/")) {
      const answer = answers.get(`${request.method} ${pathname}`);
      if (typeof answer === "function") return answer(response, request);
      if (answer === undefined) {
        response.writeHead(404, { "content-type": "application/problem+json" });
        response.end(JSON.stringify({ code: "not_found", detail: "The stub has no answer." }));
        return;
      }
      response.writeHead(200, { "content-type": "application/json" });
      response.end(answer === null ? "" : JSON.stringify(answer));
      return;
    }
    const file = join(built, pathname);
    const found = extname(pathname) !== "" && existsSync(file) ? file : join(built, "index.html");
    for (const [name, value] of headers) response.setHeader(name, value);
    response.writeHead(200, { "content-type": TYPES[extname(found)] ?? "text/plain" });
    response.end(readFileSync(found));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return { url: `http://127.0.0.1:${port}`, answers, close };
}

/** An event stream that says these first and then stays open. */
export function stream(events: readonly { event?: string; id?: string; data: unknown }[]): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`retry: 500\n\n${events.map(encode).join("")}`);
  };
}

export function encode({
  event,
  id,
  data,
}: {
  event?: string;
  id?: string;
  data: unknown;
}): string {
  const head = `${event ? `event: ${event}\n` : ""}${id ? `id: ${id}\n` : ""}`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}
