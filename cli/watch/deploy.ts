// Follows deploys until each is live or has failed: what the builds write, each stage as it comes, and why one ended so.
//
// 1. On a terminal one line for each deploy is rewritten; elsewhere each change is a line of its own.
// 2. The follower only looks: Ctrl-C or --timeout leaves the deploy going on, and says so.
import { LinkError, ok, pause } from "../../client/index.ts";
import type { Cli } from "../command.ts";
import { CliError, EXIT, QuietEnd } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import type { Session } from "../session.ts";
import type { Begun } from "./begun.ts";
import { type DeployView, Follower } from "./follower.ts";
import { LiveLines } from "./live.ts";

const LOOK_MS = 400;
/** Looks in a row that may find nobody: the control plane may be away for a moment. */
const MOST_FAILURES = 25;

class Watch {
  readonly #cli: Cli;
  readonly #all: readonly Follower[];
  readonly #lines: LiveLines;
  readonly #width: number;
  #failures = 0;

  readonly #json: boolean;

  constructor(cli: Cli, all: readonly Follower[], json: boolean) {
    this.#cli = cli;
    this.#all = all;
    this.#json = json;
    this.#lines = new LiveLines(cli.out);
    this.#width = Math.max(...all.map(({ worker }) => worker.length));
  }

  get #open(): Follower[] {
    return this.#all.filter((one) => !one.ended);
  }

  /** How it ended is data, why it is not live is for the person. */
  #end(follower: Follower): void {
    const { out, io } = this.#cli;
    if (this.#json) this.#lines.print([this.#headline(follower)]);
    else this.#lines.data(follower.headline(out.paint, io.now(), this.#width));
    this.#lines.print(follower.whyNot(out.dress));
  }

  #headline(follower: Follower): string {
    return follower.headline(this.#cli.out.dress, this.#cli.io.now(), this.#width);
  }

  async #look(follower: Follower): Promise<void> {
    const { out } = this.#cli;
    try {
      const news = await follower.look();
      this.#failures = 0;
      const mark = this.#all.length > 1 ? `${clean(follower.worker).padEnd(this.#width)} │` : "│";
      const printed = news.lines.map((line) => out.dress("dim", `  ${mark} ${clean(line)}`));
      if (news.stage && !follower.ended && !out.lively) printed.push(this.#headline(follower));
      this.#lines.print(printed);
      if (follower.ended) this.#end(follower);
    } catch (error) {
      if (!(error instanceof LinkError) || ++this.#failures > MOST_FAILURES) throw error;
    }
  }

  async run(timeoutMs: number | undefined): Promise<void> {
    const { out, io } = this.#cli;
    const until = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
    try {
      for (;;) {
        await Promise.all(this.#open.map((follower) => this.#look(follower)));
        const [first] = this.#open;
        if (!first) return;
        this.#lines.show(
          this.#open.map((one) => (spin) => `${out.dress("cyan", spin)} ${this.#headline(one)}`),
        );
        if (performance.now() >= until) {
          throw new CliError(EXIT.timeout, "The deploy was not done in that time; it goes on.", [
            `coppice deploys ${clean(first.worker)}`,
          ]);
        }
        await pause(LOOK_MS, io.signal);
      }
    } finally {
      this.#lines.end();
    }
  }
}

async function runsAny(session: Session, worker: string): Promise<boolean> {
  const { items } = await ok(
    session.client.GET("/v1/projects/{project}/workers/{worker}/instances", {
      params: { path: await session.at(worker), query: { limit: 1 } },
    }),
  );
  return items.length > 0;
}

/** A live deploy of a worker that was stopped or scaled to 0 runs nothing, which nobody would guess from "live". */
async function warnIdle(cli: Cli, session: Session, live: readonly Follower[]): Promise<void> {
  if (live.length === 0) return;
  // The deploys are done: that this cannot be read changes nothing about them.
  const workers = await session.workers().catch(() => []);
  for (const { id, name, status, instances } of workers) {
    if (!live.some(({ worker }) => worker === name)) continue;
    if (status !== "stopped" && instances > 0) continue;
    // The status may be some seconds old; what runs is asked of who knows.
    if (await runsAny(session, id).catch(() => true)) continue;
    // What is scaled to 0 counts as stopped too, and starting it would not help.
    if (instances === 0)
      cli.out.warn(
        `${clean(name)} is scaled to 0 and runs nothing: coppice scale ${clean(name)}=1`,
      );
    else cli.out.warn(`${clean(name)} is stopped and runs nothing: coppice start ${clean(name)}`);
  }
}

/** Prints what came of each (or the JSON of all); ends with 1 where one is not live. */
export async function followDeploys(
  cli: Cli,
  session: Session,
  begun: readonly Begun[],
  options: { readonly json: boolean | undefined; readonly timeoutMs?: number | undefined },
): Promise<void> {
  if (begun.length === 0) return;
  const followers = begun.map((one) => new Follower(session, one));
  try {
    await new Watch(cli, followers, options.json === true).run(options.timeoutMs);
  } catch (error) {
    if (cli.io.signal.aborted) cli.out.note("The deploy goes on; see it with: coppice deploys");
    throw error;
  }
  if (options.json) {
    cli.out.json(followers.flatMap(({ view, worker }) => (view ? [{ ...view, worker }] : [])));
  }
  const live = followers.filter(({ view }) => view?.status === "live");
  await warnIdle(cli, session, live);
  const failed = followers.find(({ view }) => view?.status !== "live");
  if (!failed) return;
  cli.out.note(`  ${cli.out.dress("dim", "try:")} coppice logs ${clean(failed.worker)}`);
  cli.out.note(
    `  ${cli.out.dress("dim", "try:")} coppice deploys ${clean(failed.worker)} ${failed.number}`,
  );
  throw new QuietEnd(EXIT.failed);
}

/** Deploys that nobody waits for: one a line, or JSON. */
export function printDeploys(
  cli: Cli,
  deploys: readonly (DeployView & { readonly worker: string })[],
  json: boolean | undefined,
): void {
  if (json) cli.out.json(deploys);
  else {
    for (const { worker, number, status, release } of deploys) {
      const parts = [clean(worker), `deploy ${number}`, cli.out.state(status)];
      cli.out.line([...parts, ...(release === null ? [] : [`v${release}`])].join("  "));
    }
  }
}
