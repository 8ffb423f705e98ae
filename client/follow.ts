// A stream of server-sent events that goes on: where the link breaks it comes back after the last id that was seen.
//
// 1. An event is given once: the resume point moves with each event that was handed over.
// 2. Silence is a broken link: a server that says nothing for `silentMs` (it sends a comment each 15 s) is left.
// 3. A refusal (4xx) ends it with the ApiError; what may pass is tried again, without end.
import { ApiError, problemOf } from "./errors.ts";
import { pause } from "./retry.ts";
import { readSse } from "./streams.ts";

export interface FollowedEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

export type LinkState =
  | { readonly state: "open" }
  | { readonly state: "lost"; readonly error: unknown; readonly retryInMs: number };

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Resume after this id. */
  readonly lastEventId?: string;
  readonly silentMs?: number;
  /** Told when the link opens and breaks: "live", "reconnecting …". */
  readonly onLink?: (link: LinkState) => void;
}

/** Opens the stream; the client's own `open`. */
export type OpenStream = (
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<Response>;

const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 15_000;
const SILENT_MS = 45_000;

/** 4xx says that asking again won't help, but for "slow down" and "that took too long". */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status >= 400 && error.status < 500 && ![408, 425, 429].includes(error.status);
}

/** Aborts `signal` when `touch` was not called for `ms`. */
function watchdog(ms: number) {
  const control = new AbortController();
  let timer: ReturnType<typeof setTimeout>;
  const touch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => control.abort(new Error("nothing was heard for too long")), ms);
  };
  touch();
  return { signal: control.signal, touch, end: () => clearTimeout(timer) };
}

/** Ends when `signal` aborts. */
export async function* followSse(
  open: OpenStream,
  options: FollowOptions = {},
): AsyncGenerator<FollowedEvent> {
  const { signal, onLink, silentMs = SILENT_MS } = options;
  let last = options.lastEventId ?? null;
  let failures = 0;
  let retryMs = FIRST_RETRY_MS;
  const aborted = () => signal?.aborted === true;
  while (!aborted()) {
    const dog = watchdog(silentMs);
    let problem: unknown = new Error("the stream ended");
    try {
      const both = signal ? AbortSignal.any([signal, dog.signal]) : dog.signal;
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (last !== null) headers["last-event-id"] = last;
      const response = await open(headers, both);
      if (!response.ok || response.body === null) throw await problemOf(response);
      onLink?.({ state: "open" });
      for await (const { event, id, data, retryMs: asked } of readSse(response.body)) {
        dog.touch();
        failures = 0;
        if (asked !== null) retryMs = asked;
        if (id !== null) last = id;
        if (data !== null) yield { event, id, data };
      }
    } catch (error) {
      if (aborted()) return;
      if (isFinal(error)) throw error;
      problem = error;
    } finally {
      dog.end();
    }
    if (aborted()) return;
    const waitMs = Math.min(MOST_RETRY_MS, retryMs * 2 ** Math.min(failures++, 10));
    const retryInMs = Math.round(waitMs * (0.5 + Math.random() / 2));
    onLink?.({ state: "lost", error: problem, retryInMs });
    await pause(retryInMs, signal).catch(() => {});
  }
}
