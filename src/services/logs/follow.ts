// A worker's log as a stream that goes on until the reader goes.
// Lines are pulled by cursor: none is lost or doubled, however often the object or the socket breaks.
import type { LogLine, LogQuery } from "../../../protocol/rest.ts";
import type { Admitted } from "../admit.ts";
import { askWorker } from "../reach.ts";
import { followNews, type StreamPart } from "../stream/news.ts";
import { logInput } from "./page.ts";

const PAGE_LINES = 1_000;

export interface ToldLines {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
}

/** Throws `invalid_request` and the like only for its first page. */
export function followLogs(
  admitted: Admitted<"workers.read">,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<StreamPart<ToldLines>> {
  const { call, worker } = admitted;
  const first = logInput(query, true);
  let cursor = first.cursor;
  const look = async () => {
    const limit = cursor === null ? first.limit : PAGE_LINES;
    const at = cursor;
    const page = await askWorker(call, worker.row.id, (stub) =>
      stub.logs({ ...first, cursor: at, limit }),
    );
    cursor = page.cursor;
    const told = page.cursor === at ? null : { lines: page.lines, cursor: page.cursor };
    return { told, more: page.more };
  };
  return followNews(admitted, { path: "/watch", everyMs: 0, look }, signal);
}
