// The OpenAPI document of the whole API, made from the routes themselves.
import { version } from "../../../package.json";
import type { Api } from "../app-types.ts";

const DESCRIPTION = `Coppice keeps background workers alive on machines you rent.

Send \`Authorization: Bearer <token>\`. Errors are \`application/problem+json\` (RFC 9457) with a \`code\` and a
\`requestId\`; what belongs to another project is answered like what does not exist. A list is \`{items, next}\`:
\`next\` is the \`cursor\` of the following page. Times are ISO 8601 in UTC.`;

/** Both are the same for all requests, so each isolate makes them once. */
export function makeDocument(api: Api) {
  api.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "A token of the project, or the operator's.",
  });
  api.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "__Host-coppice",
    description: "The session of a browser, from our own pages only.",
  });
  return api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Coppice", version, description: DESCRIPTION, license: { name: "MIT" } },
    servers: [{ url: "/" }],
  });
}

export type OpenApiDocument = ReturnType<typeof makeDocument>;
