// Who am I, and are you there.
import { version } from "../../../package.json";
import { HealthView, WhoamiView } from "../../../protocol/rest.ts";
import { health } from "../../services/health.ts";
import { whoami } from "../../services/whoami.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";
import { json } from "../schemas.ts";

const healthRoute = defineRoute("public", {
  method: "get",
  path: "/healthz",
  operationId: "health",
  summary: "Is the control plane there, and can it read its store?",
  tags: ["Meta"],
  responses: { 200: json(HealthView, "All is well.") },
});

const whoamiRoute = defineRoute("whoami.read", {
  method: "get",
  path: "/v1/whoami",
  operationId: "whoami",
  summary: "The token's name, role and project.",
  tags: ["Meta"],
  responses: { 200: json(WhoamiView, "Who the token belongs to.") },
});

export function metaRoutes(api: Api): void {
  api.openapi(healthRoute, async (c) => {
    await health(c.var.call);
    return c.json({ ok: true as const, version }, 200);
  });
  api.openapi(whoamiRoute, async (c) => c.json(await whoami(c.var.admitted), 200));
}
