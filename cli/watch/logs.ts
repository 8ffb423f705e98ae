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

export const MOST_LINES = 5_000;

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
    limit: grep && plain === undefined ? MOST_LINES : wish.lines,
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

export async function readPage(
  client: Client,
  source: Source,
  query: ReturnType<typeof queryOf>,
): Promise<LogPage> {
  const response = await client.ask(source.path, { query });
  const lines: LogLine[] = [];
  for await (const line of readNdjson<Schemas["LogLine"]>(response)) {
    lines.push({ ...line, worker: source.name });
  }
  return { source, lines, cursor: response.headers.get("coppice-cursor") };
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
