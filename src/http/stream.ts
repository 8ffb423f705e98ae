// Server-sent events. A part is asked for when the client has taken the one before.
import type { StreamPart } from "../services/stream/news.ts";

const RETRY_MS = 2_000;

export interface SentEvent {
  readonly id?: string;
  readonly event?: string;
  /** Left out to move the resume point alone. */
  readonly data?: unknown;
}

export type EncodePart<T> = (told: T) => readonly SentEvent[];

function text({ data, event, id }: SentEvent): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
  ];
  return `${lines.join("\n")}\n\n`;
}

/** Ends what the generator does when the client goes. */
export function untilGone(request: Request): AbortController {
  const gone = new AbortController();
  request.signal?.addEventListener("abort", () => gone.abort(), { once: true });
  return gone;
}

/** Waits for the first part, so that a request that cannot be served is answered with a problem. */
export async function eventStream<T>(
  parts: AsyncGenerator<StreamPart<T>>,
  encode: EncodePart<T>,
  gone: AbortController,
): Promise<Response> {
  const encoder = new TextEncoder();
  const write = (part: StreamPart<T>): string =>
    part.type === "heartbeat" ? ": still here\n\n" : encode(part.told).map(text).join("");
  const first = await parts.next();
  let opening: string | null = `retry: ${RETRY_MS}\n\n${first.done ? "" : write(first.value)}`;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (opening !== null) {
          controller.enqueue(encoder.encode(opening));
          opening = null;
          return;
        }
        const next = await parts.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(write(next.value)));
      },
      async cancel() {
        gone.abort();
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
      // Whatever stands between must not collect events before it passes them on.
      "X-Accel-Buffering": "no",
    },
  });
}
