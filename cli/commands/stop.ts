// `coppice stop`: ends all instances of a worker and keeps everything else.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { workerArgument } from "../params.ts";

export const stop = command<object, [string?]>({
  brief: "Stop a worker; its settings, releases and logs stay",
  examples: ["coppice stop mailer", "coppice start mailer   # runs it again"],
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice stop NAME");
    const after = await ok(
      session.client.POST("/v1/projects/{project}/workers/{worker}/stop", {
        params: { path: await session.at(worker.id) },
      }),
    );
    if (flags.json) return cli.out.json(after);
    cli.out.line(`${clean(after.name)}  stopping`);
    cli.out.dim(`Runs again with: coppice start ${clean(after.name)}`);
  },
});
