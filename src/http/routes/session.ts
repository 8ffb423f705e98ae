// Signing in with a browser: links that work once, and the session that a link or a token begins.
import { ProblemError } from "../../../protocol/problems.ts";
import {
  CreateSession,
  CreateSignInLink,
  SignInLinkView,
  WhoamiView,
} from "../../../protocol/rest.ts";
import { type Api, defineRoute } from "../api.ts";
import { body, json } from "../schemas.ts";

const tags = ["Sign-in"];

const linkRoute = defineRoute("sign-in-links.create", {
  method: "post",
  path: "/v1/sign-in-links",
  operationId: "createSignInLink",
  summary: "Make a link that signs a browser in, once and within 15 minutes.",
  tags,
  request: { body: body(CreateSignInLink, false) },
  responses: { 201: json(SignInLinkView, "The link; its code stands behind the `#`.") },
  problems: ["not_found"],
});

const beginRoute = defineRoute("public", {
  method: "post",
  path: "/v1/session",
  operationId: "createSession",
  summary: "Begin a session with the code of a sign-in link, or with a token.",
  tags,
  request: { body: body(CreateSession, true) },
  responses: { 200: json(WhoamiView, "Who is signed in; `Set-Cookie` holds the session.") },
  problems: ["unauthenticated", "forbidden", "rate_limited"],
});

const endRoute = defineRoute("public", {
  method: "delete",
  path: "/v1/session",
  operationId: "deleteSession",
  summary: "End the session of this browser.",
  tags,
  responses: { 204: { description: "It is over, and the cookie is cleared." } },
  problems: ["forbidden"],
});

export function sessionRoutes(api: Api): void {
  api.openapi(linkRoute, async () => notYet());
  api.openapi(beginRoute, async () => notYet());
  api.openapi(endRoute, async () => notYet());
}

function notYet(): never {
  throw new ProblemError("unavailable", "This part of the control plane is not there yet.");
}
