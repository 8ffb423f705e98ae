// `coppice hosts uncordon`: a host takes instances again.
import { ok } from "../../client/index.ts";
import { hostUse } from "../../client/words.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { hostArgument } from "../params.ts";

export const hostsUncordon = command<object, [string]>({
  brief: "Let a cordoned host take instances again",
  examples: ["coppice hosts uncordon web-1"],
  positional: hostArgument,
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const host = await session.host(name);
    const after = await ok(
      session.client.DELETE("/v1/projects/{project}/hosts/{host}/cordon", {
        params: { path: await session.atHost(host.id) },
      }),
    );
    if (flags.json) return cli.out.json(after);
    const shown = clean(after.name);
    if (hostUse(after) === "open") return cli.out.line(`${shown}  takes instances again`);
    // A drain keeps instances away by itself.
    cli.out.line(`${shown}  ${hostUse(after)}`);
    cli.out.warn(`${shown} is drained and takes nothing: coppice hosts undrain ${shown}`);
  },
});
