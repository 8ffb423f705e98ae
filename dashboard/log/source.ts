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
/** Lines of one step back. */
const BACK_LINES = 1_000;
/** Pages of a step back that may be empty: behind a filter that fits little, each looks through megabytes. */
const BACK_PAGES = 10;
const FILE_LINES = 500_000;
/** What is shown before a moment that was asked for. */
const LEAD_MS = 60_000;

export interface Page {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
  readonly more: boolean;
  /** What to give as `before` for what stands before; null where nothing does. */
  readonly earlier: string | null;
}

interface PageWish {
  readonly cursor?: string;
  readonly before?: string;
  readonly limit?: number;
  readonly since?: string;
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

  async page(query: PageWish): Promise<Page> {
    const answer = await client.ask(this.#path, { query: { ...query, ...this.#filter } });
    const lines: LogLine[] = [];
    for await (const line of readNdjson<LogLine>(answer)) lines.push(line);
    const cursor = answer.headers.get("coppice-cursor") ?? BEGINNING;
    const more = answer.headers.get("coppice-more") === "1";
    return { lines, cursor, more, earlier: answer.headers.get("coppice-earlier") };
  }

  /** The newest lines before that place; none where the query fits none of what was looked through. */
  async before(place: string): Promise<Page> {
    let page = await this.page({ before: place, limit: BACK_LINES });
    for (let tries = 1; tries < BACK_PAGES; tries++) {
      if (page.lines.length > 0 || page.earlier === null) break;
      page = await this.page({ before: page.earlier, limit: BACK_LINES });
    }
    return page;
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
