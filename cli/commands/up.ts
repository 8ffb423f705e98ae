// `coppice up`: plan → confirm → apply → deploy → follow.
import { ok } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import type { Wanted } from "../file/wanted.ts";
import { isLocal } from "../local-url.ts";
import { clean } from "../output/sanitise.ts";
import { timeoutFlag, waitFlag, yesFlag } from "../params.ts";
import { applyPlan } from "../plan/apply.ts";
import { makePlan, type Plan, type Present } from "../plan/plan.ts";
import { planJson, planLines } from "../plan/show.ts";
import { confirm } from "../prompt.ts";
import type { Session } from "../session.ts";
import { followDeploys } from "../watch/deploy.ts";

interface Flags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly wait: boolean;
  readonly timeout?: number;
}

async function present(session: Session, wanted: Wanted): Promise<Present[]> {
  const names = new Set(wanted.workers.map(({ name }) => name));
  const workers = await session.workers();
  return Promise.all(
    workers.map(async (worker) => {
      if (!names.has(worker.name)) return { worker, envNames: [] };
      const path = await session.at(worker.id);
      const env = await ok(
        session.client.GET("/v1/projects/{project}/workers/{worker}/env", { params: { path } }),
      );
      return { worker, envNames: env.items.map(({ name }) => name) };
    }),
  );
}

function requireSecrets({ missing }: Plan): void {
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
    const plan = makePlan(wanted.workers, await present(session, wanted));
    const title = `Plan for project ${clean(await session.project())} from ${clean(wanted.file)}`;
    if (flags.dryRun) {
      if (flags.json) cli.out.json(planJson(plan.operations));
      else
        for (const line of [title, ...planLines(plan.operations, cli.out.paint)])
          cli.out.line(line);
      requireSecrets(plan);
      return;
    }
    showPlan(cli, plan, title);
    requireSecrets(plan);
    await confirm(cli, "Carry this out?", flags.yes);
    const begun = await applyPlan(session, plan.operations);
    if (flags.wait) {
      await followDeploys(cli, session, begun, { json: flags.json, timeoutMs: flags.timeout });
    } else if (flags.json) cli.out.json(begun);
    else
      for (const { worker, number } of begun) cli.out.line(`${worker}  deploy ${number}  queued`);
  },
});
