// The log of a build: a page as NDJSON, or an event stream that ends when the build has.
import { BuildLogLine, BuildLogQuery } from "../../../protocol/rest.ts";
import { type BuildNews, followBuildLog, readBuildLog } from "../../services/logs/build.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { ndjson } from "../ndjson.ts";
import { DeployParams } from "../schemas.ts";
import { eventStream, type SentEvent, untilGone } from "../stream.ts";

const buildLogRoute = defineRoute("workers.read", {
  method: "get",
  path: "/v1/projects/{project}/workers/{worker}/deploys/{number}/log",
  operationId: "readBuildLog",
  summary:
    "What the build of a deploy wrote; with `follow=1` a stream that ends when the build has.",
  description:
    "A page is one JSON object a line, from the beginning or behind a cursor. `Coppice-Cursor` is where the next " +
    "page begins, `Coppice-More` is 1 where more lines are stored. With `follow=1` each line is an event whose id " +
    "is its cursor, `Last-Event-ID` resumes, and the event `end` comes last, when the deploy no longer builds.",
  tags: ["Logs"],
  stream: true,
  request: { params: DeployParams, query: BuildLogQuery },
  responses: {
    200: {
      description: "Lines, oldest first.",
      content: {
        "application/x-ndjson": { schema: BuildLogLine },
        "text/event-stream": { schema: BuildLogLine },
      },
    },
  },
});

function encodeBuild({ end, lines }: BuildNews): SentEvent[] {
  const events: SentEvent[] = lines.map((line) => ({ id: line.cursor, data: line }));
  return end ? [...events, { event: "end", data: end }] : events;
}

export function buildLogRoutes(api: Api): void {
  api.openapi(buildLogRoute, async (c) => {
    const { admitted } = c.var;
    const { number } = c.req.valid("param");
    const query = c.req.valid("query");
    if (query.follow === "0") return ndjson(c, await readBuildLog(admitted, number, query));
    const gone = untilGone(c.req.raw);
    const cursor = c.req.header("last-event-id") || query.cursor;
    const parts = followBuildLog(admitted, number, { cursor, signal: gone.signal });
    return eventStream(parts, encodeBuild, gone);
  });
}
