// `coppice repo forget`: a worker's repository is read without a credential again.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { workerArgument } from "../params.ts";

export const repoForget = command<object, [string?]>({
  brief: "Forget the token or the deploy key",
  examples: ["coppice repo forget mailer"],
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice repo forget NAME");
    await ok(
      session.client.DELETE("/v1/projects/{project}/workers/{worker}/git-credential", {
        params: { path: await session.at(worker.id) },
      }),
    );
    if (flags.json) return cli.out.json({ worker: worker.name, kind: null });
    cli.out.line(`${clean(worker.name)}  its repository is read without a credential`);
  },
});
