// The log of a worker: a page as NDJSON, or an event stream that goes on.
import { LogLine, LogQuery } from "../../../protocol/rest.ts";
import { followLogs, type ToldLines } from "../../services/logs/follow.ts";
import { readLogs } from "../../services/logs/page.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { ndjson } from "../ndjson.ts";
import { WorkerParams } from "../schemas.ts";
import { eventStream, type SentEvent, untilGone } from "../stream.ts";

const logsRoute = defineRoute("workers.read", {
  method: "get",
  path: "/v1/projects/{project}/workers/{worker}/logs",
  operationId: "readLogs",
  summary:
    "The newest lines, or those after or before a cursor; with `follow=1` a stream that goes on.",
  description:
    "A page is one JSON object a line. `Coppice-Cursor` is where the next page begins, `Coppice-More` is 1 " +
    "where more lines are stored behind this one; `Coppice-Earlier`, where there is one, is what to give as " +
    "`before` for the lines before this page, which may be empty though there are some. With `follow=1` each line is an event whose id is its " +
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

function encodeLines({ cursor, lines }: ToldLines): SentEvent[] {
  const events: SentEvent[] = lines.map((line) => ({ id: line.cursor, data: line }));
  // An id without data moves the resume point past lines that a filter left out.
  return lines.at(-1)?.cursor === cursor ? events : [...events, { id: cursor }];
}

export function logRoutes(api: Api): void {
  api.openapi(logsRoute, async (c) => {
    const { admitted } = c.var;
    const query = c.req.valid("query");
    if (query.follow === "0") return ndjson(c, await readLogs(admitted, query));
    const resume = c.req.header("last-event-id");
    const gone = untilGone(c.req.raw);
    const parts = followLogs(admitted, resume ? { ...query, cursor: resume } : query, gone.signal);
    return eventStream(parts, encodeLines, gone);
  });
}
