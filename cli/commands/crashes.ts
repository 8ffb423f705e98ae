// `coppice crashes [WORKER | ID]`: every exit that nobody asked for, and the evidence of one.
import { ok, type Schemas } from "../../client/index.ts";
import { tellingLine } from "../../protocol/crash-line.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { ago, span } from "../output/time.ts";
import { wholeNumber, workerArgument } from "../params.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly limit: number;
  readonly groups?: boolean;
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

/** Eight levels, of which the highest is the day with most; a dot for a day without any. */
export function trend(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts
    .map((count) => (count === 0 ? "·" : "▁▂▃▄▅▆▇█"[Math.ceil((count / most) * 8) - 1]))
    .join("");
}

const TREND_DAYS = 14;

async function groupsOf(
  session: Session,
  { id, name }: { readonly id: string; readonly name: string },
) {
  const { items } = await ok(
    session.client.GET("/v1/projects/{project}/workers/{worker}/crash-groups", {
      params: { path: await session.at(id) },
    }),
  );
  return items.map((one) => ({ ...one, worker: name }));
}

/** Kinds of crash instead of single ones. */
async function showGroups(
  { out, io }: Cli,
  session: Session,
  { json, wish }: { readonly json: boolean; readonly wish: string | undefined },
): Promise<void> {
  const workers = await session.scope(wish === undefined ? [] : [wish]);
  const lists = await Promise.all(workers.map((one) => groupsOf(session, one)));
  const groups = lists.flat().sort((a, b) => (a.lastAt < b.lastAt ? 1 : -1));
  if (json) return out.json(groups);
  if (groups.length === 0) out.note("No crash. Good.");
  out.table(groups, [
    { title: "WORKER", cell: (one) => clean(one.worker) },
    { title: "ENDED", cell: (one) => out.paint("red", one.cause) },
    { title: "TIMES", cell: (one) => String(one.count), right: true },
    {
      title: "SINCE",
      cell: (one) =>
        one.isNew ? out.paint("yellow", `new in v${one.firstRelease}`) : `v${one.firstRelease}`,
    },
    { title: "LAST", cell: (one) => ago(one.lastAt, io.now()) },
    {
      title: `${TREND_DAYS} DAYS`,
      spare: true,
      cell: (one) => trend(one.days.slice(-TREND_DAYS).map(({ count }) => count)),
    },
    { title: "CRASH", cell: (one) => shortId(one.lastCrash) },
    { title: "IT SAID", flexible: true, cell: (one) => clean(one.title) },
  ]);
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

async function showOne(cli: Cli, session: Session, crash: Crash): Promise<void> {
  const { out, io } = cli;
  const worker = (await session.workers()).find(({ name }) => name === crash.worker);
  const groups = worker && crash.group !== null ? await groupsOf(session, worker) : [];
  const group = groups.find(({ id }) => id === crash.group);
  out.fields([
    ["crash", crash.id],
    ["instance", `${clean(crash.worker)}.${crash.slot} (attempt ${crash.attempt})`],
    ["ended", out.paint("red", howItEnded(crash))],
    ["detail", crash.detail && clean(crash.detail)],
    ["when", `${ago(crash.at, io.now())}, ${crash.at}`],
    ["was up", span(crash.uptimeMs)],
    ["release", `v${crash.release}`],
    [
      "seen",
      group === undefined
        ? null
        : `${group.count} ${group.count === 1 ? "time" : "times"} since v${group.firstRelease}`,
    ],
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
    "exit code or signal, how long it was up, and the last lines that it wrote. --groups counts those that ended alike\n" +
    "and said the same, and says since which release.",
  examples: [
    "coppice crashes",
    "coppice crashes mailer",
    "coppice crashes 3f9a1c2e",
    "coppice crashes mailer --groups",
  ],
  flags: {
    limit: {
      kind: "parsed",
      parse: wholeNumber(1, 200),
      default: "15",
      placeholder: "count",
      brief: "How many",
    },
    groups: { kind: "boolean", optional: true, brief: "Kinds of crash, and how often each was" },
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
    if (flags.groups) return showGroups(cli, session, { json: flags.json === true, wish });
    if (wish !== undefined && /^(crs_)?[0-9a-f]{8,32}$/.test(wish)) {
      const named = (await session.workers()).some(({ name }) => name === wish);
      const one = named
        ? undefined
        : (await crashesOf(session, [], 200)).find(({ id }) => id.endsWith(wish));
      if (one) return flags.json ? cli.out.json(one) : showOne(cli, session, one);
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
