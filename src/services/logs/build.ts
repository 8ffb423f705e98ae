// The log of a build: a page of it, or as a stream that ends when the build has.
import type { BuildLogLine, BuildLogQuery } from "../../../protocol/rest.ts";
import type { BuildLogPage } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { objectCursor } from "../cursor.ts";
import { askWorker, orNull } from "../reach.ts";
import { followNews, type StreamPart } from "../stream/news.ts";

const FLUSH_MS = 2_000;
const PAGE_LINES = 1_000;
/** A build that ended may have a last line on its way. */
const LATE_LOOK_MS = 1_000;

type Reading = Admitted<"workers.read">;

async function read(
  { call, worker }: Reading,
  input: { number: number; cursor: string | null; limit: number; attend: boolean },
): Promise<BuildLogPage> {
  const page = await askWorker(call, worker.row.id, (stub) => stub.buildLog(input));
  if (!page) throw absent("deploy");
  return page;
}

export async function readBuildLog(
  admitted: Reading,
  number: number,
  query: BuildLogQuery,
): Promise<BuildLogPage> {
  const { call, worker } = admitted;
  const cursor = objectCursor(query.cursor);
  const input = { number, cursor, limit: query.limit, attend: false };
  const stored = await read(admitted, input);
  if (stored.complete || stored.more) return stored;
  await orNull(
    askWorker(call, worker.row.id, (stub) => stub.flush()),
    FLUSH_MS,
  );
  return read(admitted, input);
}

export interface BuildNews {
  readonly lines: readonly BuildLogLine[];
  /** Set where nothing more follows. */
  readonly end: { readonly status: BuildLogPage["status"] } | null;
}

export function followBuildLog(
  admitted: Reading,
  number: number,
  from: { readonly cursor: string | undefined; readonly signal: AbortSignal },
): AsyncGenerator<StreamPart<BuildNews>> {
  let cursor = objectCursor(from.cursor);
  const look = async () => {
    const page = await read(admitted, { number, cursor, limit: PAGE_LINES, attend: true });
    cursor = page.cursor;
    const { building, complete, lines, more, status } = page;
    const end = complete ? { status } : null;
    return {
      told: lines.length > 0 || end ? { lines, end } : null,
      more,
      over: complete,
      ...(building ? {} : { againMs: LATE_LOOK_MS }),
    };
  };
  return followNews(admitted, { path: "/watch", everyMs: 0, look }, from.signal);
}
