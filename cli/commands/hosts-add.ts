// `coppice hosts add`: a join token, and the commands that make a machine a host.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { ago } from "../output/time.ts";

export const hostsAdd = command({
  brief: "Print what makes a machine a host of the project",
  more:
    "Makes a token with which one machine may join within 15 minutes, and prints the commands to run there. The machine\n" +
    "needs Linux, Node 22.18 or newer, git, and agent.mjs and keeper.mjs from `npm run build`.",
  examples: ["coppice hosts add", "coppice hosts add --json | jq -r .token"],
  async run(cli, flags) {
    const session = await cli.session(flags);
    const made = await ok(
      session.client.POST("/v1/projects/{project}/join-tokens", {
        params: { path: { project: await session.project() } },
      }),
    );
    const url = session.client.baseUrl;
    const join = `TOKEN=${made.token} node agent.mjs join --state /var/lib/coppice --url ${url} --name web-1`;
    if (flags.json) return cli.out.json({ ...made, url, join });
    const { out } = cli;
    out.note(
      `Run this on the machine, once; the token joins one host and expires ${ago(made.expiresAt, cli.io.now())}:`,
    );
    out.note();
    out.line(join);
    out.note();
    out.note("Then keep these two running (docs/operations.md has them as services):");
    out.note("  node keeper.mjs --state /var/lib/coppice");
    out.note("  node agent.mjs run --state /var/lib/coppice");
    out.note();
    out.dim("See it come: coppice hosts");
  },
});
