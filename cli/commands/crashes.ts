// `coppice crashes [WORKER | ID]`: every exit that nobody asked for, and the evidence of one.
import { ok, type Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { ago, span } from "../output/time.ts";
import { wholeNumber, workerArgument } from "../params.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly limit: number;
}
type Crash = Schemas["Crash"] & { readonly worker: string };

/** The end of an id tells crashes apart; its beginning is the time. */
export const shortId = (id: string) => id.slice(-8);

export function howItEnded(crash: Schemas["Crash"]): string {
  if (crash.oom) return "out of memory";
  if (crash.signal) return crash.signal;
  if (crash.exitCode !== null) return `exit code ${crash.exitCode}`;
  return crash.reason.replaceAll("_", " ");
}

/** The line that most likely says why: the last that names an error, else the last that is not blank. */
export function tellingLine(tail: readonly string[]): string {
  const written = tail.filter((line) => line.trim() !== "");
  const telling = written.findLast((line) =>
    /error|exception|panic|fatal|refused|denied/i.test(line),
  );
  return telling ?? written.at(-1) ?? "";
}

async function crashesOf(
  session: Session,
  names: readonly string[],
  limit: number,
): Promise<Crash[]> {
  const workers = await session.scope(names);
  const lists = await Promise.all(
    workers.map(async ({ id, name }) => {
      const { items } = await ok(
        session.client.GET("/v1/projects/{project}/workers/{worker}/crashes", {
          params: { path: await session.at(id), query: { limit } },
        }),
      );
      return items.map((one) => ({ ...one, worker: name }));
    }),
  );
  return lists.flat().sort((a, b) => (a.at < b.at ? 1 : -1));
}

function showOne(cli: Cli, crash: Crash): void {
  const { out, io } = cli;
  out.fields([
    ["crash", crash.id],
    ["instance", `${clean(crash.worker)}.${crash.slot} (attempt ${crash.attempt})`],
    ["ended", out.paint("red", howItEnded(crash))],
    ["detail", crash.detail && clean(crash.detail)],
    ["when", `${ago(crash.at, io.now())}, ${crash.at}`],
    ["was up", span(crash.uptimeMs)],
    ["release", `v${crash.release}`],
  ]);
  out.line();
  if (crash.tail.length === 0) out.note("It wrote nothing.");
  else out.line(out.paint("dim", "last lines:"));
  for (const line of crash.tail) out.line(`${out.paint("dim", "│")} ${clean(line)}`);
}

export const crashes = command<Flags, [string?]>({
  brief: "List crashes, or show the evidence of one",
  more:
    "Lists every exit that nobody asked for, exit code 0 too. With an id (its last 8 characters do) it shows the\n" +
    "exit code or signal, how long it was up, and the last lines that it wrote.",
  examples: ["coppice crashes", "coppice crashes mailer", "coppice crashes 3f9a1c2e"],
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
      { ...workerArgument, placeholder: "worker|id", brief: "A worker, or a crash to show" },
    ],
  },
  async run(cli, flags, wish) {
    const session = await cli.session(flags);
    if (wish !== undefined && /^(crs_)?[0-9a-f]{8,32}$/.test(wish)) {
      const named = (await session.workers()).some(({ name }) => name === wish);
      const one = named
        ? undefined
        : (await crashesOf(session, [], 200)).find(({ id }) => id.endsWith(wish));
      if (one) return flags.json ? cli.out.json(one) : showOne(cli, one);
      if (!named) {
        throw new CliError(
          EXIT.notFound,
          `There is no crash \`${clean(wish)}\` among the last 200.`,
          ["coppice crashes"],
        );
      }
    }
    const all = (await crashesOf(session, wish === undefined ? [] : [wish], flags.limit)).slice(
      0,
      flags.limit,
    );
    if (flags.json) return cli.out.json(all);
    if (all.length === 0) cli.out.note("No crash. Good.");
    const { out, io } = cli;
    out.table(all, [
      { title: "CRASH", cell: (one) => shortId(one.id) },
      { title: "INSTANCE", cell: (one) => `${clean(one.worker)}.${one.slot}` },
      { title: "ENDED", cell: (one) => out.paint("red", howItEnded(one)) },
      { title: "WHEN", cell: (one) => ago(one.at, io.now()) },
      { title: "WAS UP", cell: (one) => span(one.uptimeMs), right: true },
      { title: "RELEASE", cell: (one) => `v${one.release}` },
      {
        title: "IT SAID",
        flexible: true,
        cell: (one) => clean(one.detail ?? tellingLine(one.tail)),
      },
    ]);
    if (all[0] && cli.io.stderr.isTTY)
      cli.out.dim(`More of one: coppice crashes ${shortId(all[0].id)}`);
  },
});
