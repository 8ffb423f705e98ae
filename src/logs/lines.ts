// Turns stored frames into lines: unpacked, split, timed by their marks, joined where a line spans frames.
//
// 1. A line belongs to the frame in which it ends; its index there is its place in the cursor.
//    Frames end where lines end, but for those marked `cut`.
// 2. Bytes that were dropped are shown as a line of their own, and end the line before them.
// 3. What cannot be unpacked is said, never thrown; a payload is never unpacked beyond what its header claims.
// 4. A line is made only when it is read: a frame of a million empty ones costs no more than looking for their ends.
import { gunzipSync } from "node:zlib";
import type { FrameHeader } from "../../protocol/frame.ts";
import type { LogLine } from "../../protocol/rest.ts";
import type { Frame, SystemLine } from "./rows.ts";

/** A line without its place. */
export type BareLine = Omit<LogLine, "cursor">;

/** Where a line comes from; all lines of a frame share it. */
export type Source = Omit<LogLine, "at" | "cursor" | "text">;

/** A line that was found and not yet made. */
export interface FoundLine {
  readonly at: number;
  readonly source: Source;
  readonly text: () => string;
}

const NEWLINE = 10;
const RETURN = 13;
const MAX_RAW_BYTES = 8_388_608;
const MAX_LINE_BYTES = 1_048_576;
export const NO_CARRY = new Uint8Array();
const DECODER = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

export function* systemLines(lines: readonly SystemLine[]): Generator<FoundLine, void> {
  for (const { at, instance, release, slot, text } of lines)
    yield { at, source: { stream: "system", slot, instance, release }, text: () => text };
}

/** The lines that end in a frame; gives the beginning of one that ends in a later frame. */
export function* linesOf(
  { header, payload }: Frame,
  carry: Uint8Array,
): Generator<FoundLine, Uint8Array> {
  const { cut, end, gap, last, start } = header;
  const source = sourceOf(header);
  const raw = gap ? null : unpack(header, payload);
  if (!raw) {
    const at = header.marks.at(-1)?.at ?? 0;
    const what = gap ? "were dropped" : "could not be read";
    if (carry.length > 0) yield { at, source, text: () => textOf(carry) };
    const text = () => `… ${end - start} bytes of logs ${what}`;
    yield { at, source: { ...source, stream: "system" }, text };
    return NO_CARRY;
  }
  const timeAt = clockOf(header);
  let from = 0;
  let open = carry;
  const line = (to: number): FoundLine => {
    const bytes = [open, from] as const;
    return {
      at: timeAt(to),
      source,
      text: () => textOf(join(bytes[0], raw.subarray(bytes[1], to))),
    };
  };
  for (let at = raw.indexOf(NEWLINE); at >= 0; at = raw.indexOf(NEWLINE, from)) {
    yield line(at);
    open = NO_CARRY;
    from = at + 1;
  }
  if (cut && !last) return join(open, raw.subarray(from));
  if (open.length + raw.length > from) yield line(raw.length);
  return NO_CARRY;
}

function sourceOf({ instanceId, release, slot, stream }: FrameHeader): Source {
  return {
    stream: stream === "stderr" ? "stderr" : "stdout",
    slot,
    instance: instanceId,
    release,
  };
}

/** The runtime grows its buffer in steps, and gives up where the next one, not the content, would pass the bound. */
const UNPACK_STEP_BYTES = 65_536;

function unpack({ end, start }: FrameHeader, payload: Uint8Array): Uint8Array | null {
  const claimed = end - start;
  if (claimed === 0) return NO_CARRY;
  if (claimed > MAX_RAW_BYTES) return null;
  try {
    const raw = gunzipSync(payload, { maxOutputLength: 2 * claimed + UNPACK_STEP_BYTES });
    return raw.length === claimed ? raw : null;
  } catch {
    return null;
  }
}

/** Both together, and no more of them than a line may hold. */
function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length >= MAX_LINE_BYTES) return a;
  const more = b.subarray(0, MAX_LINE_BYTES - a.length);
  if (a.length === 0) return more;
  const both = new Uint8Array(a.length + more.length);
  both.set(a);
  both.set(more, a.length);
  return both;
}

function textOf(bytes: Uint8Array): string {
  return DECODER.decode(bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes);
}

/** When the byte at that offset was read; asked for in rising order. */
function clockOf({ marks }: FrameHeader): (offset: number) => number {
  let index = 0;
  let end = marks[0]?.bytes ?? 0;
  return (offset) => {
    while (index < marks.length - 1 && offset >= end) end += marks[++index]?.bytes ?? 0;
    return marks[index]?.at ?? 0;
  };
}
