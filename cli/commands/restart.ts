// `coppice restart`: replaces all instances of the live release, followed like the deploy that it is.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { timeoutFlag, waitFlag, workerArgument } from "../params.ts";
import { followDeploys, printDeploys } from "../watch/deploy.ts";

interface Flags {
  readonly wait: boolean;
  readonly timeout?: number;
}

export const restart = command<Flags, [string?]>({
  brief: "Replace all instances of the live release",
  examples: ["coppice restart mailer", "coppice restart mailer --no-wait"],
  flags: { wait: waitFlag, timeout: timeoutFlag },
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice restart NAME");
    const made = await ok(
      session.client.POST("/v1/projects/{project}/workers/{worker}/restart", {
        params: { path: await session.at(worker.id) },
      }),
    );
    const begun = [{ ...made, worker: worker.name }];
    if (flags.wait)
      await followDeploys(cli, session, begun, { json: flags.json, timeoutMs: flags.timeout });
    else printDeploys(cli, begun, flags.json);
  },
});
