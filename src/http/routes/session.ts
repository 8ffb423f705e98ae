// Signing in with a browser: links that work once, and the session that a link or a token begins.
import {
  CreateSession,
  CreateSignInLink,
  SignInLinkView,
  WhoamiView,
} from "../../../protocol/rest.ts";
import { beginSession } from "../../services/session/begin.ts";
import { endSession } from "../../services/session/end.ts";
import { createSignInLink } from "../../services/session/link.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { clientAddress } from "../client-address.ts";
import { body, json } from "../schemas.ts";
import {
  clearSession,
  keepSession,
  ownOrigin,
  readSession,
  refuseForeign,
} from "../session-cookie.ts";

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
  problems: ["unauthenticated", "rate_limited"],
});

const endRoute = defineRoute("public", {
  method: "delete",
  path: "/v1/session",
  operationId: "deleteSession",
  summary: "End the session of this browser.",
  tags,
  responses: { 204: { description: "It is over, and the cookie is cleared." } },
});

export function sessionRoutes(api: Api): void {
  api.openapi(linkRoute, async (c) => {
    const link = await createSignInLink(c.var.admitted, c.req.valid("json"), ownOrigin(c));
    return c.json(link, 201);
  });
  api.openapi(beginRoute, async (c) => {
    refuseForeign(c);
    const { secret, view } = await beginSession(
      c.var.call,
      c.req.valid("json"),
      clientAddress(c.req.raw),
    );
    keepSession(c, secret);
    return c.json(view, 200);
  });
  api.openapi(endRoute, async (c) => {
    refuseForeign(c);
    await endSession(c.var.call, readSession(c));
    clearSession(c);
    return c.body(null, 204);
  });
}
