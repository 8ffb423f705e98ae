// Everything the pages ask of the API, one line a verb, through the typed client. The session's cookie speaks for us.
import type { paths } from "../../client/index.ts";
import { ApiError, makeClient, ok } from "../../client/index.ts";

export { ApiError, LinkError } from "../../client/index.ts";

type Body<P extends keyof paths, M extends "post" | "put" | "patch"> =
  paths[P] extends Record<M, { requestBody?: { content: { "application/json": infer B } } }>
    ? B
    : never;
type Project = "/v1/projects/{project}";
type Worker = `${Project}/workers/{worker}`;

export const client = makeClient({ baseUrl: "" });

let signedOut: () => void = () => {};
/** Called where the API says that the session is over. */
export function onSignedOut(run: () => void): void {
  signedOut = run;
}

/** Every refusal passes here, those of streams too. */
export function noteRefusal(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) signedOut();
}

const ask: typeof ok = async (answer) => {
  try {
    return await ok(answer);
  } catch (error) {
    noteRefusal(error);
    throw error;
  }
};

const inProject = (project: string) => ({ params: { path: { project } } });
const ofWorker = (project: string, worker: string) => ({ params: { path: { project, worker } } });
const page = (cursor?: string | null, limit = 50) => ({ limit, ...(cursor ? { cursor } : {}) });

export const whoami = () => ok(client.GET("/v1/whoami"));
export const beginSession = (body: Body<"/v1/session", "post">) =>
  ok(client.POST("/v1/session", { body }));
export const endSession = () => ok(client.DELETE("/v1/session"));
export const readDevice = (userCode: string) =>
  ask(client.GET("/v1/device-codes/{userCode}", { params: { path: { userCode } } }));
export const approveDevice = (
  userCode: string,
  body: Body<"/v1/device-codes/{userCode}/approve", "post">,
) =>
  ask(client.POST("/v1/device-codes/{userCode}/approve", { params: { path: { userCode } }, body }));
export const denyDevice = (userCode: string) =>
  ask(client.POST("/v1/device-codes/{userCode}/deny", { params: { path: { userCode } } }));

export const listProjects = () =>
  ask(client.GET("/v1/projects", { params: { query: { limit: 200 } } }));
export const createProject = (name: string) => ask(client.POST("/v1/projects", { body: { name } }));

export const listWorkers = (project: string, cursor?: string | null) =>
  ask(
    client.GET("/v1/projects/{project}/workers", {
      params: { path: { project }, query: page(cursor, 200) },
    }),
  );
export const inspectRepo = (project: string, body: Body<`${Project}/inspect-repo`, "post">) =>
  ask(client.POST("/v1/projects/{project}/inspect-repo", { ...inProject(project), body }));
export const createWorker = (project: string, body: Body<`${Project}/workers`, "post">) =>
  ask(client.POST("/v1/projects/{project}/workers", { ...inProject(project), body }));
export const getWorker = (project: string, worker: string) =>
  ask(client.GET("/v1/projects/{project}/workers/{worker}", ofWorker(project, worker)));
export const patchWorker = (project: string, worker: string, body: Body<Worker, "patch">) =>
  ask(
    client.PATCH("/v1/projects/{project}/workers/{worker}", { ...ofWorker(project, worker), body }),
  );
export const deleteWorker = (project: string, worker: string) =>
  ask(client.DELETE("/v1/projects/{project}/workers/{worker}", ofWorker(project, worker)));
export const stopWorker = (project: string, worker: string) =>
  ask(client.POST("/v1/projects/{project}/workers/{worker}/stop", ofWorker(project, worker)));
export const startWorker = (project: string, worker: string) =>
  ask(client.POST("/v1/projects/{project}/workers/{worker}/start", ofWorker(project, worker)));
export const restartWorker = (project: string, worker: string) =>
  ask(client.POST("/v1/projects/{project}/workers/{worker}/restart", ofWorker(project, worker)));
export const deploy = (project: string, worker: string, ref?: string) =>
  ask(
    client.POST("/v1/projects/{project}/workers/{worker}/deploys", {
      ...ofWorker(project, worker),
      body: ref ? { ref } : {},
    }),
  );

export const listHostInstances = (project: string, host: string) =>
  ask(
    client.GET("/v1/projects/{project}/hosts/{host}/instances", {
      params: { path: { project, host } },
    }),
  );
export const listInstances = (project: string, worker: string) =>
  ask(client.GET("/v1/projects/{project}/workers/{worker}/instances", ofWorker(project, worker)));
const ofList = (project: string, worker: string, cursor?: string | null, limit?: number) => ({
  params: { path: { project, worker }, query: page(cursor, limit) },
});
export const listDeploys = (project: string, worker: string, cursor?: string | null) =>
  ask(
    client.GET("/v1/projects/{project}/workers/{worker}/deploys", ofList(project, worker, cursor)),
  );
export const listEvents = (project: string, worker: string, cursor?: string | null) =>
  ask(
    client.GET("/v1/projects/{project}/workers/{worker}/events", ofList(project, worker, cursor)),
  );
export const listCrashes = (project: string, worker: string, cursor?: string | null) =>
  ask(
    client.GET(
      "/v1/projects/{project}/workers/{worker}/crashes",
      ofList(project, worker, cursor, 200),
    ),
  );
export const listCrashGroups = (project: string, worker: string) =>
  ask(
    client.GET("/v1/projects/{project}/workers/{worker}/crash-groups", {
      params: { path: { project, worker } },
    }),
  );
const ofDeploy = (project: string, worker: string, number: number) => ({
  params: { path: { project, worker, number } },
});
export const getDeploy = (project: string, worker: string, number: number) =>
  ask(
    client.GET(
      "/v1/projects/{project}/workers/{worker}/deploys/{number}",
      ofDeploy(project, worker, number),
    ),
  );
export const cancelDeploy = (project: string, worker: string, number: number) =>
  ask(
    client.POST(
      "/v1/projects/{project}/workers/{worker}/deploys/{number}/cancel",
      ofDeploy(project, worker, number),
    ),
  );

export const rollBack = (project: string, worker: string, release: number) =>
  ask(
    client.POST("/v1/projects/{project}/workers/{worker}/rollbacks", {
      ...ofWorker(project, worker),
      body: { release },
    }),
  );
export const diffRelease = (project: string, worker: string, number: number) =>
  ask(
    client.GET(
      "/v1/projects/{project}/workers/{worker}/releases/{number}/diff",
      ofDeploy(project, worker, number),
    ),
  );

export const getEnv = (project: string, worker: string) =>
  ask(client.GET("/v1/projects/{project}/workers/{worker}/env", ofWorker(project, worker)));
export const changeEnv = (project: string, worker: string, body: Body<`${Worker}/env`, "put">) =>
  ask(
    client.PUT("/v1/projects/{project}/workers/{worker}/env", {
      ...ofWorker(project, worker),
      body,
    }),
  );

export const listGroups = (project: string) =>
  ask(
    client.GET("/v1/projects/{project}/groups", {
      params: { path: { project }, query: { limit: 200 } },
    }),
  );
export const createGroup = (project: string, name: string) =>
  ask(
    client.POST("/v1/projects/{project}/groups", {
      ...inProject(project),
      body: { name, env: {} },
    }),
  );
const ofGroup = (project: string, group: string) => ({ path: { project, group } });
export const changeGroup = (
  project: string,
  group: string,
  body: Body<`${Project}/groups/{group}/env`, "put">,
  deploy: boolean,
) =>
  ask(
    client.PUT("/v1/projects/{project}/groups/{group}/env", {
      params: { ...ofGroup(project, group), query: { deploy: deploy ? "1" : "0" } },
      body,
    }),
  );
export const deleteGroup = (project: string, group: string) =>
  ask(client.DELETE("/v1/projects/{project}/groups/{group}", { params: ofGroup(project, group) }));

export const listHooks = (project: string, worker: string) =>
  ask(client.GET("/v1/projects/{project}/workers/{worker}/hooks", ofWorker(project, worker)));
export const createHook = (project: string, worker: string, kind: "github" | "generic") =>
  ask(
    client.POST("/v1/projects/{project}/workers/{worker}/hooks", {
      ...ofWorker(project, worker),
      body: { kind },
    }),
  );
const ofHook = (project: string, worker: string, hook: string) => ({
  params: { path: { project, worker, hook } },
});
export const rotateHook = (project: string, worker: string, hook: string) =>
  ask(
    client.POST(
      "/v1/projects/{project}/workers/{worker}/hooks/{hook}/rotate",
      ofHook(project, worker, hook),
    ),
  );
export const revokeHook = (project: string, worker: string, hook: string) =>
  ask(
    client.DELETE(
      "/v1/projects/{project}/workers/{worker}/hooks/{hook}",
      ofHook(project, worker, hook),
    ),
  );

export const getStatusPage = (project: string, worker: string) =>
  ask(client.GET("/v1/projects/{project}/workers/{worker}/status-page", ofWorker(project, worker)));
export const publishWorker = (
  project: string,
  worker: string,
  body: Body<`${Worker}/status-page`, "put">,
) =>
  ask(
    client.PUT("/v1/projects/{project}/workers/{worker}/status-page", {
      ...ofWorker(project, worker),
      body,
    }),
  );

export const listHosts = (project: string) =>
  ask(
    client.GET("/v1/projects/{project}/hosts", {
      params: { path: { project }, query: { limit: 200 } },
    }),
  );
export const removeHost = (project: string, host: string) =>
  ask(
    client.DELETE("/v1/projects/{project}/hosts/{host}", { params: { path: { project, host } } }),
  );
const ofHost = (project: string, host: string) => ({ params: { path: { project, host } } });
export const cordonHost = (project: string, host: string) =>
  ask(client.POST("/v1/projects/{project}/hosts/{host}/cordon", ofHost(project, host)));
export const uncordonHost = (project: string, host: string) =>
  ask(client.DELETE("/v1/projects/{project}/hosts/{host}/cordon", ofHost(project, host)));
export const drainHost = (project: string, host: string, deadlineMs: number) =>
  ask(
    client.POST("/v1/projects/{project}/hosts/{host}/drain", {
      ...ofHost(project, host),
      body: { deadlineMs },
    }),
  );
export const undrainHost = (project: string, host: string) =>
  ask(client.DELETE("/v1/projects/{project}/hosts/{host}/drain", ofHost(project, host)));
export const thawHosts = (project: string) =>
  ask(client.POST("/v1/projects/{project}/hosts/thaw", inProject(project)));
export const inviteHost = (project: string) =>
  ask(client.POST("/v1/projects/{project}/join-tokens", inProject(project)));
export const listTokens = (project: string) =>
  ask(
    client.GET("/v1/projects/{project}/tokens", {
      params: { path: { project }, query: { limit: 200 } },
    }),
  );
export const createToken = (project: string, body: Body<`${Project}/tokens`, "post">) =>
  ask(client.POST("/v1/projects/{project}/tokens", { ...inProject(project), body }));
export const revokeToken = (project: string, token: string) =>
  ask(
    client.DELETE("/v1/projects/{project}/tokens/{token}", {
      params: { path: { project, token } },
    }),
  );
