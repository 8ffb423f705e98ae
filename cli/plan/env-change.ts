// A change of variables: which workers it is for, what is said of it, and the deploy that puts it in force where asked.
import { ok, type Schemas } from "../../client/index.ts";
import type { Cli } from "../command.ts";
import { CliError, EXIT, QuietEnd } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { groupFlag, workerFlag } from "../params.ts";
import type { Session } from "../session.ts";
import { followDeploys } from "../watch/deploy.ts";
import { type Target, targets } from "./env-target.ts";

export interface ChangeFlags {
  readonly worker?: string;
  readonly all?: boolean;
  readonly deploy?: boolean;
  readonly group?: string;
}

export const changeFlags = {
  worker: workerFlag,
  group: groupFlag,
  all: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "For every worker of coppice.toml, else of the project",
  },
  deploy: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Deploy at once, so that it is in force",
  },
} as const;

async function put(
  session: Session,
  target: Target,
  body: Schemas["ChangeEnv"],
): Promise<Schemas["EnvChange"]> {
  return ok(
    session.client.PUT("/v1/projects/{project}/workers/{worker}/env", {
      params: { path: await session.at(target.name) },
      body,
    }),
  );
}

interface Change {
  readonly body: Schemas["ChangeEnv"];
  /** What was done, such as `set A, B`. */
  readonly words: (env: Pick<Schemas["EnvChange"], "changed" | "items">) => string;
}

/** One change for all its workers; what could not be deployed is said, and ends with 1. */
async function changeGroup(
  cli: Cli,
  session: Session,
  given: ChangeFlags & { readonly group: string; json?: boolean | undefined },
  { body, words }: Change,
): Promise<void> {
  if (given.worker !== undefined || given.all)
    throw new CliError(EXIT.usage, "--group goes with neither --worker nor --all.");
  const { name } = await session.group(given.group);
  const path = { project: await session.project(), group: name };
  const params = { path, query: { deploy: given.deploy ? "1" : "0" } as const };
  const done = await ok(
    session.client.PUT("/v1/projects/{project}/groups/{group}/env", { params, body }),
  );
  for (const warning of done.warnings) cli.out.warn(clean(warning));
  if (given.json && !given.deploy) return cli.out.json(done);
  cli.out.note(`group ${clean(name)}: ${words(done)}`);
  const behind = done.workers.filter((one) => one.envChanged).map((one) => clean(one.name));
  if (!given.deploy) {
    if (behind.length > 0)
      cli.out.note(`In force with the next deploy: coppice deploy ${behind.join(" ")}`);
    return;
  }
  const begun = done.deploys.flatMap(({ number, worker }) =>
    number === null ? [] : [{ worker, number }],
  );
  const refused = done.deploys.filter(({ number }) => number === null);
  for (const { problem, worker } of refused)
    cli.out.warn(`${clean(worker)} was not deployed: ${clean(problem ?? "")}`);
  if (begun.length > 0) await followDeploys(cli, session, begun, { json: given.json });
  if (refused.length > 0) throw new QuietEnd(EXIT.failed);
}

export async function changeEnv(
  cli: Cli,
  given: ChangeFlags & { json?: boolean | undefined },
  how: string,
  { body, words }: Change,
): Promise<void> {
  const session = await cli.session(given);
  if (given.group !== undefined)
    return changeGroup(cli, session, { ...given, group: given.group }, { body, words });
  const workers = await targets(cli, session, { worker: given.worker, all: given.all, how });
  const results: { worker: string; env: Schemas["EnvChange"] }[] = [];
  for (const target of workers)
    results.push({ worker: target.name, env: await put(session, target, body) });
  for (const { env } of results.slice(0, 1))
    for (const warning of env.warnings) cli.out.warn(clean(warning));
  if (given.json && !given.deploy) {
    return cli.out.json(results.map(({ worker, env }) => ({ worker, ...env })));
  }
  for (const { worker, env } of results) {
    cli.out.note(`${clean(worker)}: ${words(env)}`);
  }
  if (!given.deploy) {
    const never = results.every(({ env }) => env.liveVersion === null) && session.hint !== null;
    const names = results.map(({ worker }) => clean(worker)).join(" ");
    if (results.every(({ env }) => env.liveVersion === env.version)) return;
    cli.out.note(`In force with the next deploy: coppice ${never ? "up" : `deploy ${names}`}`);
    return;
  }
  const begun = await Promise.all(
    results.map(async ({ worker }) => {
      const path = await session.at(worker);
      const { number } = await ok(
        session.client.POST("/v1/projects/{project}/workers/{worker}/deploys", {
          params: { path },
          body: {},
        }),
      );
      return { worker, number };
    }),
  );
  await followDeploys(cli, session, begun, { json: given.json });
}
