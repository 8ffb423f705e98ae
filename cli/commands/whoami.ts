// `coppice whoami`: who the token belongs to, what it may do, and where it was found.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";

const ROLES = {
  viewer: "viewer: may look",
  developer: "developer: may also deploy, scale and set variables",
  admin: "admin: may also manage hosts and tokens",
  operator: "operator: may do everything in every project",
} as const;

export const whoami = command({
  brief: "Show who you are, where, and what you may do",
  examples: ["coppice whoami", "coppice whoami --json"],
  async run(cli, flags) {
    const session = await cli.session(flags);
    const me = await ok(session.client.GET("/v1/whoami"));
    const { url, context, source } = session.place;
    if (flags.json) return cli.out.json({ ...me, url, context, source });
    cli.out.fields([
      ["name", clean(me.name)],
      ["role", ROLES[me.role]],
      ["project", me.project ? clean(me.project.name) : "all"],
      ["url", clean(url)],
      ["from", clean(source)],
    ]);
  },
});
