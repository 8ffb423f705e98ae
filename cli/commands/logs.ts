// `coppice logs`: the newest lines of one worker or of several merged by time, and what comes after them with -f.
import type { LOG_STREAMS } from "../../protocol/rest.ts";
import { command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { parseSpan } from "../output/time.ts";
import { readRelease, wholeNumber, workerList } from "../params.ts";
import type { LogLine } from "../watch/log-line.ts";
import {
  follow,
  type LogWish,
  MOST_LINES,
  merge,
  printer,
  queryOf,
  readNewest,
} from "../watch/logs.ts";

interface Flags extends LogWish {
  readonly follow?: boolean;
}

/** As the protocol has them; said again so that its schemas are not loaded for every command. */
const STREAMS = ["stdout", "stderr", "system"] as const satisfies typeof LOG_STREAMS;
const MOST_FOLLOWED = 20;

/** `1h` or a time. Relative ones are reckoned when the command runs. */
export function readSince(text: string): string {
  const ms = parseSpan(text);
  if (ms !== null) return text;
  const at = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at)) return new Date(at).toISOString();
  throw new Error("must be a duration such as 1h, or a time such as 2026-11-23T10:00:00Z");
}

function readPattern(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    throw new Error(
      `is not a regular expression: ${error instanceof Error ? error.message : error}`,
    );
  }
}

export const logs = command<Flags, string[]>({
  brief: "Show logs; -f goes on with what comes",
  more:
    "Shows what the programs wrote (│ stdout, ! stderr) and what Coppice did with them (—). Several workers are merged\n" +
    "by time. With --json each line is one JSON object.",
  examples: [
    "coppice logs mailer -f",
    "coppice logs mailer --since 1h --stream system   # starts, crashes, deploys",
    "coppice logs mailer --instance 2 --release v12 --grep 'timeout|refused' -n 500",
  ],
  flags: {
    follow: { kind: "boolean", optional: true, withNegated: false, brief: "Go on with what comes" },
    since: {
      kind: "parsed",
      parse: readSince,
      optional: true,
      placeholder: "when",
      brief: "Lines from then on: 1h, or a time",
    },
    instance: {
      kind: "parsed",
      parse: wholeNumber(0, 10_000),
      optional: true,
      placeholder: "slot",
      brief: "Only this slot",
    },
    release: {
      kind: "parsed",
      parse: readRelease,
      optional: true,
      placeholder: "vN",
      brief: "Only this release",
    },
    stream: { kind: "enum", values: STREAMS, optional: true, brief: "Only this stream" },
    grep: {
      kind: "parsed",
      parse: readPattern,
      optional: true,
      placeholder: "regex",
      brief: "Only lines that fit",
    },
    lines: {
      kind: "parsed",
      parse: wholeNumber(1, MOST_LINES),
      default: "100",
      placeholder: "count",
      brief: "How many of the newest lines, up to 100000",
    },
  },
  aliases: { f: "follow", s: "since", i: "instance", g: "grep", n: "lines" },
  positional: workerList,
  async run(cli, flags, ...names) {
    const session = await cli.session(flags);
    const { client } = session;
    const workers = await session.scope(names);
    const project = encodeURIComponent(await session.project());
    const sources = workers.map(({ id, name }) => ({
      name,
      path: `/v1/projects/${project}/workers/${id}/logs`,
    }));
    const print = printer(cli, flags, sources);
    const query = queryOf(flags, cli.io.now());
    if (flags.follow && sources.length > MOST_FOLLOWED) {
      const message = `${sources.length} workers are too many to follow: name at most ${MOST_FOLLOWED}.`;
      throw new CliError(EXIT.usage, message);
    }
    const fits = ({ text }: LogLine) => flags.grep?.test(text) !== false;
    const wish = { count: flags.lines, fits, query };
    const pages = await Promise.all(sources.map((source) => readNewest(client, source, wish)));
    const newest = merge(pages).slice(-flags.lines);
    for (const line of newest) print(line);
    if (!flags.follow) {
      if (newest.length === 0 && !flags.json) cli.out.note("No line fits.");
      return;
    }
    await Promise.all(
      pages.map(async (page) => {
        for await (const line of follow(cli, client, page, query)) if (fits(line)) print(line);
      }),
    );
    cli.io.signal.throwIfAborted();
  },
});
