// `coppice releases`: what was built, which of it is live, and with which variables.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";
import { wholeNumber, workerArgument } from "../params.ts";

interface Flags {
  readonly limit: number;
}

export const releases = command<Flags, [string?]>({
  brief: "List releases; the live one is marked",
  examples: [
    "coppice releases mailer",
    "coppice releases mailer --json | jq '.[] | select(.live)'",
  ],
  flags: {
    limit: {
      kind: "parsed",
      parse: wholeNumber(1, 200),
      default: "15",
      placeholder: "count",
      brief: "How many",
    },
  },
  aliases: { n: "limit" },
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice releases NAME");
    const { items } = await ok(
      session.client.GET("/v1/projects/{project}/workers/{worker}/releases", {
        params: { path: await session.at(worker.id), query: { limit: flags.limit } },
      }),
    );
    if (flags.json) return cli.out.json(items);
    if (items.length === 0)
      cli.out.note(
        `${clean(worker.name)} has no release yet: coppice deploy ${clean(worker.name)}`,
      );
    const { out, io } = cli;
    out.table(items, [
      { title: "RELEASE", cell: (one) => `v${one.number}` },
      {
        title: "STATE",
        cell: (one) =>
          one.live ? out.state("live") : one.wasLive ? `${out.paint("dim", "○")} was live` : "",
      },
      {
        title: "OF",
        cell: (one) => (one.restores === null ? "" : `v${one.restores}`),
        spare: true,
      },
      { title: "MADE", cell: (one) => ago(one.createdAt, io.now()) },
      { title: "VARIABLES", cell: (one) => String(one.envNames.length), right: true },
      {
        title: "COMMIT",
        cell: (one) => `${one.commit.slice(0, 7)} ${clean(one.commitMessage ?? "")}`,
        flexible: true,
      },
      { title: "START", cell: (one) => clean(one.startCommand), flexible: true },
    ]);
  },
});
