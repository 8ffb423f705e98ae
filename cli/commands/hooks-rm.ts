// `coppice hooks rm`: nobody is heard at that address any more.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { hookArgument, workerArgument } from "../params.ts";

export const hooksRemove = command<object, [string, string?]>({
  brief: "End a hook",
  examples: ["coppice hooks rm hok_0193… mailer"],
  positional: { kind: "tuple", parameters: [hookArgument, workerArgument] },
  async run(cli, flags, hook, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, `coppice hooks rm ${hook} NAME`);
    await ok(
      session.client.DELETE("/v1/projects/{project}/workers/{worker}/hooks/{hook}", {
        params: { path: { ...(await session.at(worker.name)), hook } },
      }),
    );
    if (flags.json) return cli.out.json({ id: hook, revoked: true });
    cli.out.line(`${clean(hook)}  revoked`);
  },
});
