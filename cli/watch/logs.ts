// The lines of one worker's log or of several: a page of the newest, or what comes from now on.
import { type Client, readNdjson, type Schemas } from "../../client/index.ts";
import type { LOG_STREAMS } from "../../protocol/rest.ts";
import type { Cli } from "../command.ts";
import { parseSpan } from "../output/time.ts";
import { type LogLine, showLogLine } from "./log-line.ts";

export interface LogWish {
  readonly since?: string;
  readonly instance?: number;
  readonly release?: number;
  readonly stream?: (typeof LOG_STREAMS)[number];
  readonly grep?: RegExp;
  readonly lines: number;
}

export const MOST_LINES = 100_000;
/** As much as the API gives at once. */
const PAGE_LINES = 5_000;

export interface Source {
  readonly name: string;
  readonly path: string;
}

export function queryOf(wish: LogWish, now: number) {
  const ms = wish.since === undefined ? null : parseSpan(wish.since);
  const { grep } = wish;
  // A pattern without special characters is looked for where the log lies.
  const plain = grep && /^[\w /:@=-]{1,256}$/.test(grep.source) ? grep.source : undefined;
  return {
    limit: Math.min(PAGE_LINES, grep && plain === undefined ? PAGE_LINES : wish.lines),
    slot: wish.instance,
    release: wish.release,
    stream: wish.stream,
    since: ms === null ? wish.since : new Date(now - ms).toISOString(),
    text: plain,
  };
}

export interface LogPage {
  readonly source: Source;
  readonly lines: readonly LogLine[];
  /** What comes from now on begins behind it. */
  readonly cursor: string | null;
}

/** The newest lines that fit, up to `count`: page by page back, as far as it takes or as lines are kept. */
export async function readNewest(
  client: Client,
  source: Source,
  {
    count,
    fits,
    query,
  }: {
    readonly count: number;
    readonly fits: (line: LogLine) => boolean;
    readonly query: ReturnType<typeof queryOf>;
  },
): Promise<LogPage> {
  const pages: LogLine[][] = [];
  let cursor: string | null = null;
  let before: string | undefined;
  for (let found = 0; ; ) {
    const response = await client.ask(source.path, { query: { ...query, before } });
    const lines: LogLine[] = [];
    for await (const line of readNdjson<Schemas["LogLine"]>(response)) {
      const one = { ...line, worker: source.name };
      if (fits(one)) lines.push(one);
    }
    pages.unshift(lines);
    found += lines.length;
    if (before === undefined) cursor = response.headers.get("coppice-cursor");
    before = response.headers.get("coppice-earlier") ?? undefined;
    if (found >= count || before === undefined) break;
  }
  return { source, lines: pages.flat().slice(-count), cursor };
}

/** By time; lines of one worker stay in the order in which they are stored. */
export function merge(pages: readonly LogPage[]): LogLine[] {
  const [first, ...others] = pages;
  if (first && others.length === 0) return [...first.lines];
  return pages
    .flatMap(({ lines }) => lines)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** How a line is printed: JSON, or for a person. */
export function printer(
  cli: Cli,
  wish: LogWish & { readonly json?: boolean | undefined },
  sources: readonly Source[],
): (line: LogLine) => void {
  const width = Math.max(...sources.map(({ name }) => name.length)) + 2;
  return (line) => {
    if (wish.json) cli.out.ndjson(line);
    else cli.out.line(showLogLine(cli.out.paint, line, width));
  };
}

/** Every line behind the page, until Ctrl-C; says when the connection is lost and back. */
export async function* follow(
  cli: Cli,
  client: Client,
  page: LogPage,
  query: object,
): AsyncGenerator<LogLine> {
  const { path, name } = page.source;
  let lost = false;
  const events = client.follow(path, {
    query: { ...query, follow: "1" },
    signal: cli.io.signal,
    ...(page.cursor === null ? {} : { lastEventId: page.cursor }),
    onLink({ state }) {
      if (state === "lost" && !lost) cli.out.dim(`${name}: connection lost, reconnecting …`);
      if (state === "open" && lost) cli.out.dim(`${name}: connected again, nothing was missed`);
      lost = state === "lost";
    },
  });
  for await (const { data } of events) {
    yield { ...(JSON.parse(data) as Schemas["LogLine"]), worker: name };
  }
}
