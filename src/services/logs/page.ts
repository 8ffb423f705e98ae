// One page of a worker's log.
import { ProblemError } from "../../../protocol/problems.ts";
import type { LogQuery } from "../../../protocol/rest.ts";
import type { LogInput, LogPage } from "../../rpc.ts";
import type { Admitted } from "../admit.ts";
import { objectCursor } from "../cursor.ts";
import { askWorker, orNull } from "../reach.ts";

/** Hosts get so long to ship what they have before the newest lines are shown. */
const FLUSH_MS = 2_000;

/** Throws `invalid_request` for what is no cursor, and where two directions are asked for at once. */
export function logInput(query: LogQuery, attend: boolean): LogInput {
  if (query.before !== undefined && (attend || query.cursor !== undefined)) {
    throw new ProblemError("invalid_request", "A page goes either on from a cursor or back.", [
      { path: "before", message: `does not go together with \`${attend ? "follow" : "cursor"}\`` },
    ]);
  }
  return {
    cursor: objectCursor(query.cursor),
    before: objectCursor(query.before, "before"),
    limit: query.limit,
    slot: query.slot ?? null,
    instance: query.instance ?? null,
    release: query.release ?? null,
    stream: query.stream ?? null,
    since: query.since === undefined ? null : Date.parse(query.since),
    text: query.text ?? null,
    attend,
  };
}

export async function readLogs(
  { call, worker }: Admitted<"workers.read">,
  query: LogQuery,
): Promise<LogPage> {
  const { id } = worker.row;
  const input = logInput(query, false);
  if (input.cursor === null && input.before === null) {
    const flushed = askWorker(call, id, (stub) => stub.flush());
    await orNull(flushed, FLUSH_MS);
  }
  return askWorker(call, id, (stub) => stub.logs(input));
}
