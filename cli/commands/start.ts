// `coppice start`: runs a stopped worker again.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { workerArgument } from "../params.ts";

export const start = command<object, [string?]>({
  brief: "Run a stopped worker again",
  examples: ["coppice start mailer"],
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice start NAME");
    const after = await ok(
      session.client.POST("/v1/projects/{project}/workers/{worker}/start", {
        params: { path: await session.at(worker.id) },
      }),
    );
    if (flags.json) return cli.out.json(after);
    if (after.instances === 0) {
      cli.out.line(`${clean(after.name)}  started, scaled to 0`);
      cli.out.note(`Nothing runs before it is scaled: coppice scale ${clean(after.name)}=1`);
      return;
    }
    cli.out.line(`${clean(after.name)}  starting ${after.instances}`);
    cli.out.dim("See them come: coppice ps");
  },
});
