// Live streams: one for the page of a project, one for the page of a worker.

import type { z } from "@hono/zod-openapi";
import { ProjectStreamEvent, WorkerStreamEvent } from "../../../protocol/rest.ts";
import { watchProject } from "../../services/stream/project.ts";
import { type WorkerNews, watchWorker } from "../../services/stream/worker.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { ProjectParams, WorkerParams } from "../schemas.ts";
import { eventStream, type SentEvent, untilGone } from "../stream.ts";

const tags = ["Streams"];

function events<T extends z.ZodType>(schema: T, description: string) {
  return { 200: { description, content: { "text/event-stream": { schema } } } };
}

const projectRoute = defineRoute("projects.watch", {
  method: "get",
  path: "/v1/projects/{project}/stream",
  operationId: "watchProject",
  summary: "Workers and hosts of a project as they change, as server-sent events.",
  description:
    "`workers` and `hosts` with all items come first. Then `worker` for each that is new or changed, " +
    "`worker_gone` with the id of one that was deleted, and `hosts` with all of them when one changed.",
  tags,
  stream: true,
  request: { params: ProjectParams },
  responses: events(ProjectStreamEvent, "Events; `data` is JSON."),
});

const workerRoute = defineRoute("workers.read", {
  method: "get",
  path: "/v1/projects/{project}/workers/{worker}/stream",
  operationId: "watchWorker",
  summary:
    "Status, instances, deploys and timeline of a worker as they change, as server-sent events.",
  description:
    "`worker`, `instances` and the newest five deploys come first, the oldest of them first. `event` gives the " +
    "timeline in order from now on; its id is a cursor, and `Last-Event-ID` resumes behind it.",
  tags,
  stream: true,
  request: { params: WorkerParams },
  responses: events(WorkerStreamEvent, "Events; `data` is JSON."),
});

function encodeWorker({ cursor, events }: WorkerNews): SentEvent[] {
  const sent = events.map(({ cursor: id, data, event }) => ({
    event,
    data,
    ...(id === null ? {} : { id }),
  }));
  // Whoever comes back before the first event of the timeline resumes here too.
  return events.at(-1)?.cursor === cursor ? sent : [...sent, { id: cursor }];
}

export function streamRoutes(api: Api): void {
  api.openapi(projectRoute, (c) => {
    const gone = untilGone(c.req.raw);
    return eventStream(watchProject(c.var.admitted, gone.signal), (told) => told, gone);
  });
  api.openapi(workerRoute, (c) => {
    const gone = untilGone(c.req.raw);
    const resume = c.req.header("last-event-id") || undefined;
    return eventStream(watchWorker(c.var.admitted, resume, gone.signal), encodeWorker, gone);
  });
}
