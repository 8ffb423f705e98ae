// The installer of hosts, for `curl … | sudo TOKEN=… sh`. What it downloads are static files, below /agent.
import { z } from "@hono/zod-openapi";
import { installScript } from "../../services/install/script.ts";
import { defineRoute } from "../api.ts";
import type { Api } from "../app-types.ts";

const installRoute = defineRoute("public", {
  method: "get",
  path: "/install.sh",
  operationId: "installScript",
  summary:
    "A shell script that makes a machine a host; it takes its join token from the environment.",
  tags: ["Hosts"],
  responses: {
    200: {
      description: "POSIX sh; `--dry-run` says what it would do.",
      content: { "text/plain": { schema: z.string(), example: "#!/bin/sh\n…" } },
    },
  },
});

export function installRoutes(api: Api): void {
  api.openapi(installRoute, (c) => {
    const text = installScript(new URL(c.req.url).origin);
    return c.text(text, 200, { "Cache-Control": "no-cache" });
  });
}
