// Readers of bodies that come line by line: NDJSON and server-sent events. Bytes may be cut anywhere.

/** Lines without their end, the last one too where it has none. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
      if (!done) continue;
      if (rest !== "") yield rest;
      return;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** One value for each line that is not blank. */
export async function* readNdjson<T>(
  source: Response | ReadableStream<Uint8Array>,
): AsyncGenerator<T> {
  const body = source instanceof Response ? source.body : source;
  if (body === null) return;
  for await (const line of linesOf(body)) {
    if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}

/** `data` is null where the event only moves the resume point; a comment (a heartbeat) has neither. */
export interface SseEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string | null;
  readonly retryMs: number | null;
}

const QUIET: SseEvent = { event: "message", id: null, data: null, retryMs: null };

function withField(event: SseEvent, field: string, value: string): SseEvent {
  switch (field) {
    case "event":
      return { ...event, event: value };
    case "data":
      return { ...event, data: event.data === null ? value : `${event.data}\n${value}` };
    case "id":
      return value.includes("\0") ? event : { ...event, id: value };
    case "retry":
      return /^\d+$/.test(value) ? { ...event, retryMs: Number(value) } : event;
    default:
      return event;
  }
}

/** Every block of a text/event-stream, also those without data, so that a watcher sees that the other side lives. */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent> {
  let event = QUIET;
  let begun = false;
  for await (const line of linesOf(body)) {
    if (line === "") {
      if (begun) yield event;
      event = QUIET;
      begun = false;
      continue;
    }
    begun = true;
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    event = withField(event, field, colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, ""));
  }
}
