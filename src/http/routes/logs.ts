// The log of a worker: a page as NDJSON, or an event stream that goes on.
import type { Context } from "hono";
import { LogLine, LogQuery } from "../../../protocol/rest.ts";
import { followLogs } from "../../services/logs/follow.ts";
import { readLogs } from "../../services/logs/page.ts";
import { type Api, defineRoute } from "../api.ts";
import { WorkerParams } from "../schemas.ts";
import { eventStream } from "../stream.ts";

const logsRoute = defineRoute("workers.read", {
  method: "get",
  path: "/v1/projects/{project}/workers/{worker}/logs",
  operationId: "readLogs",
  summary: "The newest lines, or those after a cursor; with `follow=1` a stream that goes on.",
  description:
    "A page is one JSON object a line. `Coppice-Cursor` is where the next page begins, `Coppice-More` is 1 " +
    "where more lines are stored behind this one. With `follow=1` each line is an event whose id is its " +
    "cursor, and `Last-Event-ID` resumes.",
  tags: ["Logs"],
  stream: true,
  request: { params: WorkerParams, query: LogQuery },
  responses: {
    200: {
      description: "Lines, oldest first.",
      content: {
        "application/x-ndjson": { schema: LogLine },
        "text/event-stream": { schema: LogLine },
      },
    },
  },
});

async function page(c: Context, read: ReturnType<typeof readLogs>): Promise<Response> {
  const { lines, cursor, more } = await read;
  c.header("Content-Type", "application/x-ndjson");
  c.header("Coppice-Cursor", cursor);
  c.header("Coppice-More", more ? "1" : "0");
  return c.body(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

export function logRoutes(api: Api): void {
  api.openapi(logsRoute, async (c) => {
    const { admitted } = c.var;
    const query = c.req.valid("query");
    if (query.follow === "0") return page(c, readLogs(admitted, query));
    const resume = c.req.header("last-event-id");
    const gone = new AbortController();
    c.req.raw.signal?.addEventListener("abort", () => gone.abort(), { once: true });
    const parts = followLogs(admitted, resume ? { ...query, cursor: resume } : query, gone.signal);
    return eventStream(parts, () => gone.abort());
  });
}
