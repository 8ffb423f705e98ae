// Follows what an object has to tell: looks at once, then whenever there is news, until the reader goes.
//
// 1. What is told is pulled by cursor or compared with what was told before: nothing is lost or doubled, however often
//    the object or the socket breaks.
// 2. The socket to the object only wakes the loop; without it the loop looks by itself, soon.
// 3. The next look follows only after the reader has taken the last one.
import { workerObject } from "../../env.ts";
import type { Admitted } from "../admit.ts";
import { type Call, logLine } from "../call.ts";
import { Bell } from "./bell.ts";
import { HEARTBEAT_MS, Standing } from "./standing.ts";

const REOPEN_MS = 1_000;

export type StreamPart<T> =
  | { readonly type: "told"; readonly told: T }
  | { readonly type: "heartbeat" };

export interface Look<T> {
  /** Null where nothing is new. */
  readonly told: T | null;
  /** More is there already. */
  readonly more: boolean;
  /** Nothing will follow. */
  readonly over?: boolean;
  /** Something will follow of which there may be no news: look again by then. */
  readonly againMs?: number;
}

/** Opens the object's socket; null where it could not be opened. */
async function openWatch(
  call: Call,
  at: { readonly workerId: string; readonly path: string },
  on: { readonly news: () => void; readonly closed: () => void },
): Promise<WebSocket | null> {
  try {
    const response = await workerObject(call.env, at.workerId).fetch(
      new Request(`https://object${at.path}`, { headers: { upgrade: "websocket" } }),
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

/** Ends when `signal` aborts, or when all was told. Only the first look may throw. */
export async function* followNews<T>(
  admitted: Admitted<"workers.read">,
  options: {
    /** `/watch` for logs, `/watch/state` for everything else. */
    readonly path: "/watch" | "/watch/state";
    /** Looks no more often than this. */
    readonly everyMs: number;
    readonly look: () => Promise<Look<T>>;
  },
  signal: AbortSignal,
): AsyncGenerator<StreamPart<T>> {
  const { call, worker } = admitted;
  const at = { workerId: worker.row.id, path: options.path };
  const standing = new Standing(admitted);
  const bell = new Bell();
  let socket: WebSocket | null = null;
  let opened = 0;
  let looked = false;
  const closed = () => {
    socket = null;
    bell.ring();
  };
  try {
    while (!signal.aborted && (await standing.mayLook())) {
      if (!socket && Date.now() - opened >= REOPEN_MS) {
        opened = Date.now();
        socket = await openWatch(call, at, { news: () => bell.ring(), closed });
      }
      const began = Date.now();
      const seen = await options.look().catch((error: unknown) => {
        if (!looked) throw error;
        return null;
      });
      looked = true;
      if (seen?.told != null) yield { type: "told", told: seen.told };
      if (seen?.over) return;
      if (seen?.more) continue;
      const patienceMs = socket && seen ? (seen.againMs ?? HEARTBEAT_MS) : REOPEN_MS;
      const wake = await bell.wait(patienceMs, signal);
      if (wake === "timeout") yield { type: "heartbeat" };
      const restMs = began + options.everyMs - Date.now();
      if (wake === "news" && restMs > 0) await scheduler.wait(restMs);
    }
  } finally {
    (socket as WebSocket | null)?.close(1000, "reader gone");
  }
}
