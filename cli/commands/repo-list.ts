// `coppice repo list`: a worker's repository, and whether something opens it; never what.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";
import { workerArgument } from "../params.ts";

const WORDS = { token: "token", ssh_key: "deploy key" } as const;

export const repoList = command<object, [string?]>({
  brief: "Show a worker's repository and what opens it",
  examples: ["coppice repo list mailer"],
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice repo list NAME");
    const view = await ok(
      session.client.GET("/v1/projects/{project}/workers/{worker}/git-credential", {
        params: { path: await session.at(worker.id) },
      }),
    );
    const { branch, repo } = worker;
    if (flags.json) return cli.out.json({ worker: worker.name, repo, branch, ...view });
    const opens =
      view.kind === null || view.updatedAt === null
        ? "no credential"
        : `${WORDS[view.kind]}, set ${ago(view.updatedAt, cli.io.now())}`;
    cli.out.line(`${clean(worker.name)}  ${clean(repo)}  ${clean(branch)}  ${opens}`);
  },
});
