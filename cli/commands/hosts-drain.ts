// `coppice hosts drain`: empties a host: instances start elsewhere, then stop here; followed until it is empty.
import { ok } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT, QuietEnd } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { counted, parseSpan } from "../output/time.ts";
import { hostArgument } from "../params.ts";
import { type Drained, DrainWatch } from "../watch/drain.ts";
import { readStanding } from "../watch/standing.ts";

interface Flags {
  readonly deadline: number;
  readonly wait: boolean;
}

const MOST_MS = 86_400_000;

function readDeadline(text: string): number {
  const ms = parseSpan(text);
  if (ms !== null && ms <= MOST_MS) return ms;
  throw new Error("must be a duration from 0s to 24h, such as 10m");
}

/** Ends with 1 where instances were stopped that had not moved. */
function sayEnd(cli: Cli, { ended, host, moved, stopped }: Drained): void {
  const { out } = cli;
  const name = clean(host.name);
  for (const one of stopped)
    out.note(`  ${out.dress("red", "stopped")}  ${clean(`${one.instance}  ${one.why}`)}`);
  if (ended === "silent") {
    throw new CliError(
      EXIT.failed,
      `${name} is ${host.status}, so it can't be told to stop ${counted(host.used, "instance")}.`,
      [`coppice hosts rm ${name}   (if it is gone for good)`],
    );
  }
  if (stopped.length > 0) {
    out.note(`  ${out.dress("dim", "try:")} coppice hosts undrain ${name}   (they may come back)`);
    throw new QuietEnd(EXIT.failed);
  }
  const what =
    moved.length === 0 ? "nothing ran there" : `${counted(moved.length, "instance")} moved`;
  out.dim(
    `${what[0]?.toUpperCase()}${what.slice(1)}. It takes nothing until: coppice hosts undrain ${name}`,
  );
}

export const hostsDrain = command<Flags, [string]>({
  brief: "Empty a host: its instances move, what is left at the deadline stops",
  more:
    "Empties a host: each instance is started elsewhere, and stopped here once the new one is healthy (one of an\n" +
    "exclusive worker stops first). What is left at the deadline is stopped. Follows until the host is empty: 0 where\n" +
    "all moved, 1 where something was stopped that had nowhere to go. A drained host takes nothing until `undrain`.",
  examples: [
    "coppice hosts drain web-1",
    "coppice hosts drain web-1 --deadline 1h",
    "coppice hosts drain web-1 --no-wait --json",
  ],
  flags: {
    deadline: {
      kind: "parsed",
      parse: readDeadline,
      default: "10m",
      placeholder: "duration",
      brief: "How long the instances have to move",
    },
    wait: { kind: "boolean", default: true, brief: "Follow until the host is empty" },
  },
  positional: hostArgument,
  async run(cli, flags, wish) {
    const session = await cli.session(flags);
    const { id, name } = await session.host(wish);
    const before = flags.wait ? await readStanding(session, id) : [];
    const host = await ok(
      session.client.POST("/v1/projects/{project}/hosts/{host}/drain", {
        params: { path: await session.atHost(id) },
        body: { deadlineMs: flags.deadline },
      }),
    );
    if (!flags.wait) {
      if (flags.json) return cli.out.json(host);
      cli.out.line(`${clean(name)}  draining  ${counted(host.used, "instance")} left`);
      return;
    }
    const begun = { host, before, deadlineMs: flags.deadline };
    const drained = await new DrainWatch(cli, session, begun).run().catch((error) => {
      if (cli.io.signal.aborted)
        cli.out.note(`The drain goes on; end it with: coppice hosts undrain ${clean(name)}`);
      throw error;
    });
    if (flags.json) cli.out.json(asJson(drained));
    else cli.out.line(asLine(drained));
    sayEnd(cli, drained);
  },
});

function asLine({ ended, host, stopped, moved }: Drained): string {
  const parts = [
    clean(host.name),
    ended === "empty" ? "drained" : "not drained",
    `${moved.length} moved`,
  ];
  return [...parts, ...(stopped.length > 0 ? [`${stopped.length} stopped`] : [])].join("  ");
}

function asJson({ ended, host, moved, stopped }: Drained): unknown {
  return {
    ...host,
    drained: ended === "empty",
    moved,
    stopped: stopped.map(({ instance, why }) => ({ instance, why })),
  };
}
