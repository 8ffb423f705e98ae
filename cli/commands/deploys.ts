// `coppice deploys [WORKER] [NUMBER]`: the deploys of a worker, or one of them step by step.
import { ok, type Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago, span } from "../output/time.ts";
import { wholeNumber, workerArgument } from "../params.ts";
import { hasEnded } from "../watch/follower.ts";

interface Flags {
  readonly limit: number;
}
type DeployView = Schemas["Deploy"];

const commitOf = ({ commit, commitMessage }: DeployView) =>
  commit === null ? "" : `${commit.slice(0, 7)} ${clean(commitMessage ?? "")}`.trim();

function took(deploy: DeployView, now: number): string {
  const end = deploy.endedAt === null ? now : Date.parse(deploy.endedAt);
  return hasEnded(deploy) && deploy.endedAt === null
    ? ""
    : span(end - Date.parse(deploy.createdAt));
}

function showOne(cli: Cli, deploy: DeployView): void {
  const { out, io } = cli;
  out.fields([
    ["deploy", `${deploy.number} ${deploy.kind === "deploy" ? "" : `(${deploy.kind})`}`.trim()],
    ["state", out.state(deploy.status)],
    ["why", deploy.reason && clean(deploy.reason)],
    ["release", deploy.release === null ? null : `v${deploy.release}`],
    ["brings back", deploy.restores === null ? null : `v${deploy.restores}`],
    ["ref", deploy.ref && clean(deploy.ref)],
    ["commit", commitOf(deploy)],
    ["by", clean(deploy.actor)],
    ["asked", ago(deploy.createdAt, io.now())],
    ["took", took(deploy, io.now())],
  ]);
  if (deploy.steps.length > 0) out.line();
  out.table(deploy.steps, [
    { title: "STEP", cell: (step) => step.name },
    {
      title: "STATE",
      cell: (step) => (step.state === "failed" ? out.paint("red", "failed") : step.state),
    },
    {
      title: "TOOK",
      cell: (step) => (step.durationMs === null ? "" : span(step.durationMs)),
      right: true,
    },
    { title: "DETAIL", cell: (step) => clean(step.detail ?? ""), flexible: true },
  ]);
  if (deploy.tail.length > 0) out.line();
  for (const line of deploy.tail) out.line(out.paint("dim", `│ ${clean(line)}`));
}

export const deploys = command<Flags, [string?, number?]>({
  brief: "List deploys, or show one step by step",
  examples: [
    "coppice deploys mailer",
    "coppice deploys mailer 12",
    "coppice deploys mailer -n 50 --json",
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
  positional: {
    kind: "tuple",
    parameters: [
      workerArgument,
      { parse: wholeNumber(1, 1e9), placeholder: "number", optional: true, brief: "Show this one" },
    ],
  },
  async run(cli, flags, first, second) {
    const session = await cli.session(flags);
    const onlyNumber = second === undefined && first !== undefined && /^\d+$/.test(first);
    const number = onlyNumber ? Number(first) : second;
    const worker = await session.one(onlyNumber ? undefined : first, "coppice deploys NAME");
    const path = await session.at(worker.id);
    if (number !== undefined) {
      const one = await ok(
        session.client.GET("/v1/projects/{project}/workers/{worker}/deploys/{number}", {
          params: { path: { ...path, number } },
        }),
      );
      return flags.json ? cli.out.json(one) : showOne(cli, one);
    }
    const { items } = await ok(
      session.client.GET("/v1/projects/{project}/workers/{worker}/deploys", {
        params: { path, query: { limit: flags.limit } },
      }),
    );
    if (flags.json) return cli.out.json(items);
    if (items.length === 0)
      cli.out.note(
        `${clean(worker.name)} was never deployed: coppice deploy ${clean(worker.name)}`,
      );
    const { out, io } = cli;
    const live = items.find(({ status }) => status === "live");
    // The status of a deploy is how it ended: of those that went live only the newest is so still.
    const stateOf = (one: DeployView) =>
      one.status === "live" && one !== live
        ? `${out.paint("dim", "○")} was live`
        : out.state(one.status);
    out.table(items, [
      { title: "DEPLOY", cell: (one) => String(one.number), right: true },
      { title: "STATE", cell: stateOf },
      { title: "RELEASE", cell: (one) => (one.release === null ? "" : `v${one.release}`) },
      { title: "KIND", cell: (one) => (one.kind === "deploy" ? "" : one.kind), spare: true },
      { title: "ASKED", cell: (one) => ago(one.createdAt, io.now()) },
      { title: "TOOK", cell: (one) => took(one, io.now()), right: true, spare: true },
      { title: "BY", cell: (one) => clean(one.actor), flexible: true, spare: true },
      { title: "COMMIT", cell: commitOf, flexible: true },
      { title: "WHY", cell: (one) => clean(one.reason ?? ""), flexible: true },
    ]);
  },
});
