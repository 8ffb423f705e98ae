// The app: what surrounds a request, the routes, and one way out for everything that goes wrong.
import { OpenAPIHono } from "@hono/zod-openapi";
import { ProblemError } from "../../protocol/problems.ts";
import { ROUTES } from "./api.ts";
import type { Api, ApiEnv } from "./app-types.ts";
import { docRoutes } from "./docs/routes.ts";
import { surround } from "./middleware/request.ts";
import { answerProblem, refuseInvalid } from "./problem.ts";
import { agentRoutes } from "./routes/agent.ts";
import { artifactRoutes } from "./routes/artifacts.ts";
import { buildLogRoutes } from "./routes/build-log.ts";
import { configRoutes } from "./routes/config.ts";
import { deployRoutes } from "./routes/deploys.ts";
import { deviceRoutes } from "./routes/device.ts";
import { envRoutes } from "./routes/env.ts";
import { gitCredentialRoutes } from "./routes/git-credential.ts";
import { groupRoutes } from "./routes/groups.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { hostRoutes } from "./routes/hosts.ts";
import { installRoutes } from "./routes/install.ts";
import { logRoutes } from "./routes/logs.ts";
import { metaRoutes } from "./routes/meta.ts";
import { projectRoutes } from "./routes/projects.ts";
import { releaseRoutes } from "./routes/releases.ts";
import { repoRoutes } from "./routes/repos.ts";
import { sessionRoutes } from "./routes/session.ts";
import { statusRoutes } from "./routes/status.ts";
import { statusPageRoutes } from "./routes/status-page.ts";
import { streamRoutes } from "./routes/streams.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { watchingRoutes } from "./routes/watching.ts";
import { workerRoutes } from "./routes/workers.ts";

const MODULES = [
  metaRoutes,
  sessionRoutes,
  deviceRoutes,
  projectRoutes,
  workerRoutes,
  deployRoutes,
  releaseRoutes,
  watchingRoutes,
  logRoutes,
  configRoutes,
  envRoutes,
  groupRoutes,
  gitCredentialRoutes,
  hookRoutes,
  hostRoutes,
  installRoutes,
  tokenRoutes,
  streamRoutes,
  buildLogRoutes,
  repoRoutes,
  statusRoutes,
  statusPageRoutes,
  agentRoutes,
  artifactRoutes,
  docRoutes,
];

/** Methods by address, for `405`. */
function methodTable(): (path: string) => string[] {
  const entries = ROUTES.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
  }));
  return (path) => entries.filter((entry) => entry.pattern.test(path)).map(({ method }) => method);
}

function makeApp(): Api {
  const api: Api = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  api.use(surround);
  for (const register of MODULES) register(api);
  const methodsOf = methodTable();
  api.onError((error, c) => answerProblem(c, error));
  api.notFound((c) => {
    const methods = methodsOf(c.req.path);
    if (methods.length === 0) {
      return answerProblem(
        c,
        new ProblemError("not_found", "There is nothing at this address; see /docs."),
      );
    }
    const allow = methods.includes("GET") ? [...methods, "HEAD"] : methods;
    const detail = `This address takes ${allow.join(", ")}.`;
    const answer = answerProblem(c, new ProblemError("method_not_allowed", detail));
    answer.headers.set("Allow", allow.join(", "));
    return answer;
  });
  return api;
}

export const app = makeApp();
