// `coppice groups create`: a group without variables yet.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";

export const groupsCreate = command<object, [string]>({
  brief: "Make a group of variables",
  examples: ["coppice groups create shared"],
  positional: {
    kind: "tuple",
    parameters: [{ parse: String, placeholder: "name", brief: "What it is called" }],
  },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const made = await ok(
      session.client.POST("/v1/projects/{project}/groups", {
        params: { path: { project: await session.project() } },
        body: { name, env: {} },
      }),
    );
    if (flags.json) return cli.out.json(made);
    const shown = clean(made.name);
    cli.out.line(`${shown}  made`);
    cli.out.note(
      `Next: coppice env set NAME=value --group ${shown}; coppice groups attach ${shown} WORKER`,
    );
  },
});
