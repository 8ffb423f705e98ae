// What opens a worker's private repository: it goes in, and only its kind comes out.
import { GitCredential, GitCredentialView } from "../../../protocol/git-credential.ts";
import { getGitCredential } from "../../services/git-credential/get.ts";
import { removeGitCredential } from "../../services/git-credential/remove.ts";
import { setGitCredential } from "../../services/git-credential/set.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { body, json, WorkerParams } from "../schemas.ts";

const path = "/v1/projects/{project}/workers/{worker}/git-credential";
const tags = ["Workers"];

const getRoute = defineRoute("git-credential.read", {
  method: "get",
  path,
  operationId: "getGitCredential",
  summary: "Whether a worker has a credential for its repository; never the credential.",
  tags,
  request: { params: WorkerParams },
  responses: { 200: json(GitCredentialView, "Its kind, or null.") },
});

const setRoute = defineRoute("git-credential.change", {
  method: "put",
  path,
  operationId: "setGitCredential",
  summary: "Set a token (https) or a deploy key (ssh) for a private repository.",
  tags,
  request: { params: WorkerParams, body: body(GitCredential, true) },
  responses: { 200: json(GitCredentialView, "What there is now.") },
});

const removeRoute = defineRoute("git-credential.change", {
  method: "delete",
  path,
  operationId: "removeGitCredential",
  summary: "Forget the credential of a worker's repository.",
  tags,
  request: { params: WorkerParams },
  responses: { 204: { description: "There is none now." } },
});

export function gitCredentialRoutes(api: Api): void {
  api.openapi(getRoute, async (c) => c.json(await getGitCredential(c.var.admitted), 200));
  api.openapi(setRoute, async (c) =>
    c.json(await setGitCredential(c.var.admitted, c.req.valid("json")), 200),
  );
  api.openapi(removeRoute, async (c) => {
    await removeGitCredential(c.var.admitted);
    return c.body(null, 204);
  });
}
