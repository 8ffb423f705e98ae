// `coppice hosts cordon`: a host takes nothing new; what runs there stays.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { counted } from "../output/time.ts";
import { hostArgument } from "../params.ts";

export const hostsCordon = command<object, [string]>({
  brief: "Let a host take nothing new; what runs there stays",
  examples: [
    "coppice hosts cordon web-1",
    "coppice hosts uncordon web-1   # takes instances again",
  ],
  positional: hostArgument,
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const host = await session.host(name);
    const after = await ok(
      session.client.POST("/v1/projects/{project}/hosts/{host}/cordon", {
        params: { path: await session.atHost(host.id) },
      }),
    );
    if (flags.json) return cli.out.json(after);
    const stay =
      after.used === 0 ? "nothing runs there" : `${counted(after.used, "instance")} stay`;
    cli.out.line(`${clean(after.name)}  cordoned  ${stay.replace(/^1 instance stay/, "$&s")}`);
    cli.out.dim(`Takes instances again with: coppice hosts uncordon ${clean(after.name)}`);
  },
});
