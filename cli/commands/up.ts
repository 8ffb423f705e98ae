// `coppice up`: plan → confirm → apply → deploy → follow.
import { ok, type Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT, QuietEnd } from "../exit.ts";
import type { Wanted } from "../file/wanted.ts";
import { isLocal } from "../local-url.ts";
import { clean } from "../output/sanitise.ts";
import { timeoutFlag, waitFlag, yesFlag } from "../params.ts";
import { planLines } from "../plan/show.ts";
import { confirm } from "../prompt.ts";
import type { Session } from "../session.ts";
import { followDeploys } from "../watch/deploy.ts";

interface Flags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
}

type Plan = Schemas["Config"];

/** The API plans and carries out; with `version` only that plan. */
async function put(
  session: Session,
  wanted: Wanted,
  { dryRun, version }: { readonly dryRun: boolean; readonly version: string | null },
): Promise<Plan> {
  const query = { dry_run: dryRun ? "1" : "0", deploy: "always" } as const;
  const header = version === null ? {} : { "if-match": `"${version}"` };
  const path = { project: await session.project() };
  return ok(
    session.client.PUT("/v1/projects/{project}/config", {
      params: { path, query, header },
      body: wanted.config,
    }),
  );
}

/** Nothing is done while something stands in the way. */
function requireClear({ obstacles, missing }: Plan, file: string): void {
  if (obstacles.length > 0) {
    const lines = obstacles.map(({ path, message }) => `${clean(path)} ${clean(message)}`);
    throw new CliError(EXIT.failed, `${file}: ${lines.join("\n")}`);
  }
  if (missing.length === 0) return;
  const list = missing.map(({ worker, name }) => `${name} of ${worker}`).join(", ");
  throw new CliError(
    EXIT.failed,
    `These secrets have no value yet: ${list}.`,
    missing.slice(0, 5).map(({ worker, name }) => `coppice env set ${name} -w ${worker}`),
  );
}

function showPlan(cli: Cli, plan: Plan, title: string): void {
  cli.out.note(title);
  for (const line of planLines(plan.operations, cli.out.dress)) cli.out.note(line);
  cli.out.note();
}

export const up = command<Flags>({
  brief: "Put coppice.toml into force: plan, confirm, apply, deploy, follow",
  more:
    "Compares coppice.toml (or a bare Procfile) with what is there, shows the plan, asks, carries it out and follows\n" +
    "the deploys. Workers that the file does not name are left alone. --dry-run prints the plan and does nothing.",
  examples: ["coppice up", "coppice up --dry-run", "coppice up --yes --timeout 15m   # in CI"],
  flags: {
    dryRun: {
      kind: "boolean",
      optional: true,
      withNegated: false,
      brief: "Print the plan and do nothing",
    },
    yes: yesFlag,
    wait: waitFlag,
    timeout: timeoutFlag,
  },
  aliases: { y: "yes" },
  async run(cli, flags) {
    // Schemas are only loaded by what needs them: every other command starts without.
    const { readWanted } = await import("../file/read.ts");
    const session = await cli.session(flags);
    const wanted = await readWanted(cli.io.cwd, isLocal(session.place.url));
    for (const note of wanted.notes) cli.out.dim(clean(note));
    const plan = await put(session, wanted, { dryRun: true, version: null });
    const title = `Plan for project ${clean(await session.project())} from ${clean(wanted.file)}`;
    if (flags.dryRun) {
      if (flags.json) cli.out.json(plan.operations);
      else
        for (const line of [title, ...planLines(plan.operations, cli.out.paint)])
          cli.out.line(line);
      requireClear(plan, wanted.file);
      return;
    }
    showPlan(cli, plan, title);
    requireClear(plan, wanted.file);
    await confirm(cli, "Carry this out?", flags.yes);
    const { deploys } = await put(session, wanted, { dryRun: false, version: plan.version });
    const begun = deploys.flatMap(({ number, worker }) =>
      number === null ? [] : [{ worker, number }],
    );
    const refused = deploys.filter(({ number }) => number === null);
    for (const { problem, worker } of refused)
      cli.out.warn(`${clean(worker)} was not deployed: ${clean(problem ?? "")}`);
    if (flags.wait) {
      await followDeploys(cli, session, begun, { json: flags.json, timeoutMs: flags.timeout });
    } else if (flags.json) cli.out.json(begun);
    else
      for (const { worker, number } of begun) cli.out.line(`${worker}  deploy ${number}  queued`);
    if (refused.length > 0) throw new QuietEnd(EXIT.failed);
  },
});
