// `coppice deploy`: builds the branch as it is now and rolls it out, and follows that to its end.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { timeoutFlag, waitFlag, workerList } from "../params.ts";
import { followDeploys, printDeploys } from "../watch/deploy.ts";

interface Flags {
  readonly ref?: string;
  readonly wait: boolean;
  readonly timeout?: number;
}

export const deploy = command<Flags, string[]>({
  brief: "Build and roll out a branch or commit",
  more:
    "Builds the worker's branch as the repository has it now, and rolls it out with the variables as they are now.\n" +
    "Follows each deploy until it is live (exit code 0) or has failed (1). Without a name: the workers of coppice.toml,\n" +
    "else all of the project.",
  examples: [
    "coppice deploy",
    "coppice deploy mailer --ref hotfix",
    "coppice deploy mailer --no-wait --json",
  ],
  flags: {
    ref: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "ref",
      brief: "A branch or a full commit id, this once",
    },
    wait: waitFlag,
    timeout: timeoutFlag,
  },
  aliases: { r: "ref" },
  positional: workerList,
  async run(cli, flags, ...names) {
    const session = await cli.session(flags);
    const workers = await session.scope(names);
    const begun = await Promise.all(
      workers.map(async ({ id, name }) => {
        const made = await ok(
          session.client.POST("/v1/projects/{project}/workers/{worker}/deploys", {
            params: { path: await session.at(id) },
            body: flags.ref === undefined ? {} : { ref: flags.ref },
          }),
        );
        return { ...made, worker: name };
      }),
    );
    if (flags.wait) {
      await followDeploys(cli, session, begun, { json: flags.json, timeoutMs: flags.timeout });
    } else printDeploys(cli, begun, flags.json);
  },
});
