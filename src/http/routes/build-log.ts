// The log of a build: a page as NDJSON, or an event stream that ends when the build has.
import { ProblemError } from "../../../protocol/problems.ts";
import { BuildLogLine, BuildLogQuery } from "../../../protocol/rest.ts";
import { type Api, defineRoute } from "../api.ts";
import { DeployParams } from "../schemas.ts";

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

export function buildLogRoutes(api: Api): void {
  api.openapi(buildLogRoute, async () => notYet());
}

function notYet(): never {
  throw new ProblemError("unavailable", "This part of the control plane is not there yet.");
}
