// Where the lines come from: the live stream, pages before it, pages around a moment, and all of them for a file.

import { readNdjson } from "../../client/index.ts";
import type { LogLine } from "../../protocol/rest.ts";
import { client } from "../api/api.ts";
import { apiWorker } from "../api/paths.ts";
import { follow, type Link } from "../live/stream.ts";
import type { LogFilter } from "./query.ts";

/** Before every line that is kept. */
const BEGINNING = "0.0";
const FIRST_LINES = 1_000;
const PAGE_LINES = 5_000;
const FILE_LINES = 500_000;
/** What is shown before a moment that was asked for. */
const LEAD_MS = 60_000;

export interface Page {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
  readonly more: boolean;
}

export class LogSource {
  readonly #path: string;
  readonly #filter: LogFilter;

  constructor(project: string, worker: string, filter: LogFilter) {
    this.#path = `${apiWorker(project, worker)}/logs`;
    this.#filter = filter;
  }

  follow(
    from: string | null,
    on: { lines: (lines: readonly LogLine[]) => void; link: (link: Link) => void },
  ): () => void {
    const start = from === null ? { limit: FIRST_LINES } : { cursor: from };
    return follow({
      path: this.#path,
      query: { follow: 1, ...start, ...this.#filter },
      onEvent: ({ data }) => on.lines([JSON.parse(data) as LogLine]),
      onLink: on.link,
    });
  }

  async page(query: { cursor?: string; limit?: number; since?: string }): Promise<Page> {
    const answer = await client.ask(this.#path, { query: { ...query, ...this.#filter } });
    const lines: LogLine[] = [];
    for await (const line of readNdjson<LogLine>(answer)) lines.push(line);
    const cursor = answer.headers.get("coppice-cursor") ?? BEGINNING;
    return { lines, cursor, more: answer.headers.get("coppice-more") === "1" };
  }

  /** The lines before `first`, newest page only: what the API gives without a cursor. */
  async before(first: string): Promise<readonly LogLine[] | "too far"> {
    const { lines } = await this.page({ limit: PAGE_LINES });
    const at = lines.findIndex((line) => line.cursor === first);
    return at < 0 ? "too far" : lines.slice(0, at);
  }

  /** Lines from a minute before that moment on. */
  async around(at: string): Promise<Page> {
    const since = new Date(Date.parse(at) - LEAD_MS).toISOString();
    let page = await this.page({ cursor: BEGINNING, since, limit: FIRST_LINES });
    while (page.lines.length === 0 && page.more) {
      page = await this.page({ cursor: page.cursor, since, limit: FIRST_LINES });
    }
    return page;
  }

  /** Everything that is kept and fits the query, as text. */
  async *file(): AsyncGenerator<string> {
    let cursor = BEGINNING;
    for (let lines = 0; lines < FILE_LINES; ) {
      const page = await this.page({ cursor, limit: PAGE_LINES });
      lines += page.lines.length;
      yield page.lines.map(textOf).join("");
      if (!page.more) return;
      cursor = page.cursor;
    }
  }
}

function textOf({ at, slot, stream, text }: LogLine): string {
  return `${at} ${slot ?? "-"} ${stream} ${text}\n`;
}
