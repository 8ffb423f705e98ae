// `coppice hosts undrain`: ends a drain; what has moved stays where it is.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { hostArgument } from "../params.ts";

export const hostsUndrain = command<object, [string]>({
  brief: "End a drain: the host takes instances again, what has moved stays where it is",
  examples: ["coppice hosts undrain web-1"],
  positional: hostArgument,
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const host = await session.host(name);
    const after = await ok(
      session.client.DELETE("/v1/projects/{project}/hosts/{host}/drain", {
        params: { path: await session.atHost(host.id) },
      }),
    );
    if (flags.json) return cli.out.json(after);
    cli.out.line(`${clean(after.name)}  takes instances again`);
  },
});
