// Log parts as server-sent events. A part is asked for when the client has taken the one before.
import type { LogPart } from "../services/logs/follow.ts";

const RETRY_MS = 2_000;

function encode(part: LogPart): string {
  if (part.type === "heartbeat") return ": still here\n\n";
  const events = part.lines.map((line) => `id: ${line.cursor}\ndata: ${JSON.stringify(line)}\n\n`);
  // An id without data moves the resume point past lines that a filter left out.
  if (part.lines.at(-1)?.cursor !== part.cursor) events.push(`id: ${part.cursor}\n\n`);
  return events.join("");
}

/** Waits for the first part, so that a request that cannot be served is answered with a problem. */
export async function eventStream(
  parts: AsyncGenerator<LogPart>,
  stop: () => void,
): Promise<Response> {
  const encoder = new TextEncoder();
  const first = await parts.next();
  let opening: string | null = `retry: ${RETRY_MS}\n\n${first.done ? "" : encode(first.value)}`;
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
        else controller.enqueue(encoder.encode(encode(next.value)));
      },
      async cancel() {
        stop();
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
  });
}
