// A worker's log as a stream that goes on until the reader goes.
//
// 1. Lines are pulled by cursor, so none is lost or doubled, however often the object or the socket breaks.
// 2. The socket to the object only wakes the loop; without it the loop looks by itself at each heartbeat.
// 3. The next page is pulled only after the reader has taken the last one.
import type { LogLine, LogQuery } from "../../../protocol/rest.ts";
import { workerObject } from "../../env.ts";
import type { Admitted } from "../admit.ts";
import { type Call, logLine } from "../call.ts";
import { askWorker } from "../reach.ts";
import { logInput } from "./page.ts";

const HEARTBEAT_MS = 15_000;
const REOPEN_MS = 1_000;
const PAGE_LINES = 1_000;

export type LogPart =
  | { readonly type: "lines"; readonly lines: readonly LogLine[]; readonly cursor: string }
  | { readonly type: "heartbeat" };

type Wake = "news" | "heartbeat" | "gone";

/** Collects wishes to look again: what comes while nobody waits is not lost. */
class Bell {
  #rung = false;
  #waiter: ((wake: Wake) => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#waiter?.("news");
  }

  /** Waits for a ring, for `forMs`, or for the reader to go. */
  async wait(forMs: number, signal: AbortSignal): Promise<Wake> {
    if (signal.aborted) return "gone";
    if (this.#rung) {
      this.#rung = false;
      return "news";
    }
    return new Promise<Wake>((resolve) => {
      const gone = () => done("gone");
      const timer = setTimeout(() => done("heartbeat"), forMs);
      const done = (wake: Wake) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", gone);
        this.#waiter = null;
        if (wake === "news") this.#rung = false;
        resolve(wake);
      };
      signal.addEventListener("abort", gone, { once: true });
      this.#waiter = done;
    });
  }
}

/** Opens the object's `/watch` socket; null where it could not be opened. */
async function openWatch(
  call: Call,
  workerId: string,
  on: { readonly news: () => void; readonly closed: () => void },
): Promise<WebSocket | null> {
  try {
    const response = await workerObject(call.env, workerId).fetch(
      new Request("https://object/watch", { headers: { upgrade: "websocket" } }),
    );
    const socket = response.webSocket;
    if (!socket) return null;
    socket.accept();
    socket.addEventListener("message", on.news);
    socket.addEventListener("close", on.closed);
    socket.addEventListener("error", on.closed);
    return socket;
  } catch (error) {
    logLine("warn", "watch_unreachable", { requestId: call.requestId, error: String(error) });
    return null;
  }
}

/** Ends when `signal` aborts. Throws `invalid_request` and the like only for its first page. */
export async function* followLogs(
  { call, worker }: Admitted<"workers.read">,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  const { id } = worker.row;
  const bell = new Bell();
  const first = logInput(query, true);
  let cursor = first.cursor;
  let socket: WebSocket | null = null;
  let opened = 0;
  const closed = () => {
    socket = null;
    bell.ring();
  };
  try {
    while (!signal.aborted) {
      if (!socket && Date.now() - opened >= REOPEN_MS) {
        opened = Date.now();
        socket = await openWatch(call, id, { news: () => bell.ring(), closed });
      }
      const limit = cursor === null ? first.limit : PAGE_LINES;
      const at = cursor;
      const page = await askWorker(call, id, (stub) =>
        stub.logs({ ...first, cursor: at, limit }),
      ).catch((error: unknown) => {
        if (at === null) throw error;
        return null;
      });
      if (page && page.cursor !== cursor) {
        cursor = page.cursor;
        yield { type: "lines", lines: page.lines, cursor };
      }
      if (page?.more) continue;
      const wake = await bell.wait(socket && page ? HEARTBEAT_MS : REOPEN_MS, signal);
      if (wake === "heartbeat") yield { type: "heartbeat" };
    }
  } finally {
    (socket as WebSocket | null)?.close(1000, "reader gone");
  }
}
