// One event stream that goes on until it is closed: the client resumes it; this says how it stands.
//
// 1. A page that nobody sees gives its stream back after a minute (browsers have few connections to one origin) and
//    takes it up again, where it was, when it is seen.
// 2. What the API refuses for good is said once and not tried again.
import type { FollowedEvent } from "../../client/index.ts";
import { ApiError, client, noteRefusal } from "../api/api.ts";

const HIDDEN_MS = 60_000;

export type Link =
  | { readonly phase: "opening" }
  | { readonly phase: "open" }
  | { readonly phase: "cut"; readonly since: number }
  | { readonly phase: "resting" }
  | { readonly phase: "refused"; readonly why: ApiError };

export interface StreamOptions {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly onEvent: (event: FollowedEvent) => void;
  readonly onLink: (link: Link) => void;
  /** The server ended it in good order: nothing more will come. */
  readonly endsWith?: string;
}

/** Gives what closes it. */
export function follow(options: StreamOptions): () => void {
  const { onLink } = options;
  let run: AbortController | null = null;
  let lastId: string | undefined;
  let hide: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  const read = async (mine: AbortController) => {
    let since: number | null = null;
    const events = client.follow(options.path, {
      ...(options.query ? { query: options.query } : {}),
      ...(lastId === undefined ? {} : { lastEventId: lastId }),
      signal: mine.signal,
      onLink: (link) => {
        if (mine.signal.aborted) return;
        since = link.state === "open" ? null : (since ?? Date.now());
        onLink(since === null ? { phase: "open" } : { phase: "cut", since });
      },
    });
    try {
      for await (const event of events) {
        if (mine.signal.aborted) return;
        if (event.id !== null) lastId = event.id;
        options.onEvent(event);
        if (event.event === options.endsWith) return close();
      }
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      close();
      noteRefusal(error);
      onLink({ phase: "refused", why: error });
    }
  };
  const begin = () => {
    run = new AbortController();
    void read(run);
  };
  const rest = () => {
    run?.abort();
    run = null;
    onLink({ phase: "resting" });
  };
  const seen = () => {
    clearTimeout(hide);
    if (document.hidden) hide = setTimeout(rest, HIDDEN_MS);
    else if (run === null && !ended) begin();
  };
  function close(): void {
    ended = true;
    clearTimeout(hide);
    document.removeEventListener("visibilitychange", seen);
    run?.abort();
  }
  document.addEventListener("visibilitychange", seen);
  onLink({ phase: "opening" });
  begin();
  return close;
}
