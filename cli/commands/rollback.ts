// `coppice rollback [vN]`: shows what would be different, asks, brings an older release back, and follows that.
import { ok, type Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { timeoutFlag, waitFlag, workerArgument, yesFlag } from "../params.ts";
import { confirm } from "../prompt.ts";
import type { Session } from "../session.ts";
import { followDeploys, printDeploys } from "../watch/deploy.ts";

interface Flags {
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
}
type Diff = Schemas["ReleaseDiff"];
type Path = Awaited<ReturnType<Session["at"]>>;

const RELEASE = /^v?(\d{1,9})$/;

/** `v12` or `12`. */
function releaseNumber(text: string): number {
  const number = Number(RELEASE.exec(text)?.[1] ?? 0);
  if (number > 0) return number;
  throw new CliError(EXIT.usage, `\`${clean(text)}\` is no release, such as v12.`, [
    "coppice releases",
  ]);
}

/** The release that was live before the present one, by the object's own deploys: what lists say of it may be older. */
async function previous(session: Session, path: Path): Promise<number> {
  const { items } = await ok(
    session.client.GET("/v1/projects/{project}/workers/{worker}/deploys", {
      params: { path, query: { limit: 200 } },
    }),
  );
  const [live, ...earlier] = items.flatMap(({ release, status }) =>
    status === "live" && release !== null ? [release] : [],
  );
  const before = earlier.find((release) => release !== live);
  if (before !== undefined) return before;
  throw new CliError(
    EXIT.conflict,
    "No other release was live before: there is nothing to go to.",
    ["coppice releases"],
  );
}

const FIELD_NAMES: Partial<Record<Diff["fields"][number]["field"], string>> = {
  rootDir: "root",
  buildCommand: "build",
  predeployCommand: "predeploy",
  startCommand: "start",
  stopSignal: "stop signal",
  stopGraceMs: "stop grace (ms)",
  memoryBytes: "memory (bytes)",
  openFiles: "open files",
};

/** What would be different, a line each; values of variables are known to nobody here. */
export function diffLines({ env, fields, from, to }: Diff): string[] {
  const side = ({ commit, commitMessage, release }: Diff["from"]) =>
    `v${release}  ${commit.slice(0, 7)} ${clean(commitMessage ?? "")}`.trimEnd();
  const range = `${to.commit.slice(0, 7)}..${from.commit.slice(0, 7)}`;
  const lines = [
    `from  ${side(from)}`,
    `to    ${side(to)}`,
    from.commit === to.commit ? "commit: the same" : `commits that go: ${range}`,
    ...fields.map(
      (one) =>
        `${FIELD_NAMES[one.field] ?? one.field}: ${clean(one.from ?? "none")} → ${clean(one.to ?? "none")}`,
    ),
    ...env.added.map(({ name, version }) => `+ ${clean(name)} (version ${version})`),
    ...env.removed.map(({ name, version }) => `- ${clean(name)} (version ${version})`),
    ...env.changed.map(({ from: was, name, to: is }) =>
      was === is
        ? `~ ${clean(name)} (of another source)`
        : `~ ${clean(name)} (version ${was} → ${is})`,
    ),
  ];
  const same = env.added.length + env.removed.length + env.changed.length === 0;
  return same ? [...lines, "variables: the same"] : lines;
}

async function show(cli: Cli, session: Session, path: Path, number: number): Promise<void> {
  const diff = await ok(
    session.client.GET("/v1/projects/{project}/workers/{worker}/releases/{number}/diff", {
      params: { path: { ...path, number } },
    }),
  );
  for (const line of diffLines(diff)) cli.out.note(`  ${line}`);
}

export const rollback = command<Flags, [string?, string?]>({
  brief: "Bring an older release back: files, commands and variables",
  more:
    "Makes a new release of what an older one was, files, commands and variables, without a build and without its\n" +
    "predeploy command, and rolls it out. Without a number: the release that was live before the present one. Deploys\n" +
    "that are under way are canceled. What would be different is shown first.",
  examples: [
    "coppice rollback",
    "coppice rollback mailer v12",
    "coppice rollback mailer v12 --yes --json",
  ],
  flags: { yes: yesFlag, wait: waitFlag, timeout: timeoutFlag },
  aliases: { y: "yes" },
  positional: {
    kind: "tuple",
    parameters: [
      workerArgument,
      { parse: String, placeholder: "release", optional: true, brief: "Such as v12" },
    ],
  },
  async run(cli, flags, first, second) {
    const session = await cli.session(flags);
    const onlyRelease = second === undefined && first !== undefined && RELEASE.test(first);
    const [name, wished] = onlyRelease ? [undefined, first] : [first, second];
    const worker = await session.one(name, "coppice rollback NAME");
    const path = await session.at(worker.id);
    const number = wished === undefined ? await previous(session, path) : releaseNumber(wished);
    await show(cli, session, path, number);
    await confirm(cli, `Roll ${clean(worker.name)} back to v${number}?`, flags.yes);
    const made = await ok(
      session.client.POST("/v1/projects/{project}/workers/{worker}/rollbacks", {
        params: { path },
        body: { release: number },
      }),
    );
    const begun = [{ ...made, worker: worker.name }];
    if (flags.wait)
      await followDeploys(cli, session, begun, { json: flags.json, timeoutMs: flags.timeout });
    else printDeploys(cli, begun, flags.json);
  },
});
