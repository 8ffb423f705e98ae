// What happens to a worker: instances, releases, crashes, events.
import type { z } from "@hono/zod-openapi";
import {
  CrashGroupView,
  CrashQuery,
  CrashView,
  EventView,
  InstanceView,
  listOf,
  PageQuery,
  ReleaseView,
} from "../../../protocol/rest.ts";
import {
  listCrashes,
  listCrashGroups,
  listEvents,
  listInstances,
  listReleases,
} from "../../services/workers/watch.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { json, WorkerParams } from "../schemas.ts";

const one = "/v1/projects/{project}/workers/{worker}";

function listing<P extends string, T extends z.ZodType>(
  noun: P,
  item: T,
  words: { readonly operationId: string; readonly summary: string },
) {
  return defineRoute("workers.read", {
    method: "get",
    path: `${one}/${noun}`,
    ...words,
    tags: ["Workers"],
    request: { params: WorkerParams, query: PageQuery },
    responses: { 200: json(listOf(item), `A page of ${noun}.`) },
  });
}

const instancesRoute = listing("instances", InstanceView, {
  operationId: "listInstances",
  summary: "The instances of a worker now, by slot.",
});
const releasesRoute = listing("releases", ReleaseView, {
  operationId: "listReleases",
  summary: "The releases of a worker, newest first.",
});
const crashesRoute = defineRoute("workers.read", {
  method: "get",
  path: `${one}/crashes`,
  operationId: "listCrashes",
  summary: "Every exit that nobody asked for, newest first.",
  tags: ["Workers"],
  request: { params: WorkerParams, query: CrashQuery },
  responses: { 200: json(listOf(CrashView), "A page of crashes.") },
});
const crashGroupsRoute = defineRoute("workers.read", {
  method: "get",
  path: `${one}/crash-groups`,
  operationId: "listCrashGroups",
  summary: "Kinds of crash: how often, since which release; seen last first.",
  tags: ["Workers"],
  request: { params: WorkerParams },
  responses: { 200: json(listOf(CrashGroupView), "The crash groups.") },
});
const eventsRoute = listing("events", EventView, {
  operationId: "listEvents",
  summary: "The timeline of a worker, newest first.",
});

export function watchingRoutes(api: Api): void {
  api.openapi(instancesRoute, async (c) => c.json(await listInstances(c.var.admitted), 200));
  api.openapi(releasesRoute, async (c) =>
    c.json(await listReleases(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(crashesRoute, async (c) =>
    c.json(await listCrashes(c.var.admitted, c.req.valid("query")), 200),
  );
  api.openapi(crashGroupsRoute, async (c) => c.json(await listCrashGroups(c.var.admitted), 200));
  api.openapi(eventsRoute, async (c) =>
    c.json(await listEvents(c.var.admitted, c.req.valid("query")), 200),
  );
}
