// The one query box: `instance:2 release:v12 stream:stderr text`. What is no known word is text.
export interface LogFilter {
  readonly slot?: number;
  readonly release?: number;
  readonly stream?: "stdout" | "stderr" | "system";
  readonly text?: string;
}

const WORD = /^(?:instance:(\d{1,4})|release:v?(\d{1,9})|stream:(stdout|stderr|system))$/;

export function parseQuery(query: string): LogFilter {
  let filter: LogFilter = {};
  const text: string[] = [];
  for (const word of query.split(/\s+/).filter(Boolean)) {
    const [found, slot, release, stream] = WORD.exec(word) ?? [];
    if (!found) text.push(word);
    if (slot) filter = { ...filter, slot: Number(slot) };
    if (release) filter = { ...filter, release: Number(release) };
    if (stream) filter = { ...filter, stream: stream as "stdout" };
  }
  return text.length > 0 ? { ...filter, text: text.join(" ").slice(0, 256) } : filter;
}
