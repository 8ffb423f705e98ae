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

type Print = (line: LogLine) => void;

export function printer(
  cli: Cli,
  wish: LogWish & { readonly json?: boolean | undefined },
  sources: readonly Source[],
): Print {
  const width = Math.max(...sources.map(({ name }) => name.length)) + 2;
  return (line) => {
    if (wish.grep && !wish.grep.test(line.text)) return;
    if (wish.json) cli.out.ndjson(line);
    else cli.out.line(showLogLine(cli.out.paint, line, width));
  };
}

export async function readPage(
  client: Client,
  source: Source,
  query: ReturnType<typeof queryOf>,
): Promise<LogLine[]> {
  const response = await client.ask(source.path, { query });
  const lines: LogLine[] = [];
  for await (const line of readNdjson<Schemas["LogLine"]>(response))
    lines.push({ ...line, worker: source.name });
  return lines;
}

export async function follow(
  cli: Cli,
  client: Client,
  source: Source,
  run: { query: object; print: Print },
): Promise<void> {
  const { out } = cli;
  let lost = false;
  const events = client.follow(source.path, {
    query: { ...run.query, follow: "1" },
    signal: cli.io.signal,
    onLink(link) {
      if (link.state === "lost" && !lost)
        out.dim(`${source.name}: the connection was lost, reconnecting …`);
      if (link.state === "open" && lost)
        out.dim(`${source.name}: connected again; nothing was missed.`);
      lost = link.state === "lost";
    },
  });
  for await (const { data } of events) {
    run.print({ ...(JSON.parse(data) as Schemas["LogLine"]), worker: source.name });
  }
}
