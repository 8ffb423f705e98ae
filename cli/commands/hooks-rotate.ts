// `coppice hooks rotate`: another secret for a hook; it goes to stdout, this once.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { hookArgument, workerArgument } from "../params.ts";
import { sayHook } from "./hooks-create.ts";

export const hooksRotate = command<object, [string, string?]>({
  brief: "Give a hook another secret; the one before is worthless at once",
  examples: ["coppice hooks rotate hok_0193… mailer"],
  positional: { kind: "tuple", parameters: [hookArgument, workerArgument] },
  async run(cli, flags, hook, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, `coppice hooks rotate ${hook} NAME`);
    const made = await ok(
      session.client.POST("/v1/projects/{project}/workers/{worker}/hooks/{hook}/rotate", {
        params: { path: { ...(await session.at(worker.name)), hook } },
      }),
    );
    if (flags.json) return cli.out.json(made);
    sayHook(cli, made);
  },
});
