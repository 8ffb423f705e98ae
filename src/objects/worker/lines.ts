// Turns stored frames into lines: unpacked, split, timed by their marks, joined where a line spans frames.
//
// 1. A line belongs to the frame in which it ends; its index there is its place in the cursor.
//    Frames end where lines end, but for those marked `cut`.
// 2. Bytes that were dropped are shown as a line of their own, and end the line before them.
// 3. What cannot be unpacked is said, never thrown.
import { gunzipSync } from "node:zlib";
import type { FrameHeader } from "../../../protocol/frame.ts";
import type { LogLine } from "../../../protocol/rest.ts";
import type { StoredFrame, SystemLine } from "./frames.ts";
import { iso } from "./timeline.ts";

/** A line without its place. */
export type BareLine = Omit<LogLine, "cursor">;

export interface Split {
  readonly lines: BareLine[];
  /** The beginning of a line that ends in a later frame. */
  readonly carry: Uint8Array;
}

const NEWLINE = 10;
const RETURN = 13;
const MAX_RAW_BYTES = 8_388_608;
const MAX_LINE_BYTES = 1_048_576;
export const NO_CARRY = new Uint8Array();

type Frame = Extract<StoredFrame, { kind: "frame" }>;

export function systemLines(lines: readonly SystemLine[]): BareLine[] {
  return lines.map(({ at, instance, release, slot, text }) => ({
    at: iso(at),
    stream: "system",
    slot,
    instance,
    release,
    text,
  }));
}

export function splitFrame({ header, payload }: Frame, carry: Uint8Array): Split {
  const lines: BareLine[] = [];
  const endAt = header.marks.at(-1)?.at ?? 0;
  if (header.gap) {
    if (carry.length > 0) lines.push(lineOf(header, carry, endAt));
    lines.push({ ...lineOf(header, NO_CARRY, endAt), stream: "system", text: gapText(header) });
    return { lines, carry: NO_CARRY };
  }
  const raw = unpack(payload);
  if (!raw) {
    const text = `… ${header.end - header.start} bytes of logs could not be read`;
    lines.push({ ...lineOf(header, NO_CARRY, endAt), stream: "system", text });
    return { lines, carry: NO_CARRY };
  }
  const timeAt = clockOf(header);
  let from = 0;
  let open = carry;
  for (let at = raw.indexOf(NEWLINE); at >= 0; at = raw.indexOf(NEWLINE, from)) {
    lines.push(lineOf(header, join(open, raw.subarray(from, at)), timeAt(at)));
    open = NO_CARRY;
    from = at + 1;
  }
  const rest = join(open, raw.subarray(from));
  if (header.cut && !header.last) return { lines, carry: rest };
  if (rest.length > 0) lines.push(lineOf(header, rest, timeAt(raw.length)));
  return { lines, carry: NO_CARRY };
}

function gapText({ end, start }: FrameHeader): string {
  return `… ${end - start} bytes of logs were dropped`;
}

function unpack(payload: Uint8Array): Uint8Array | null {
  if (payload.length === 0) return NO_CARRY;
  try {
    return gunzipSync(payload, { maxOutputLength: MAX_RAW_BYTES });
  } catch {
    return null;
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function lineOf(header: FrameHeader, bytes: Uint8Array, at: number): BareLine {
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(
    bytes.subarray(0, Math.min(end, MAX_LINE_BYTES)),
  );
  return {
    at: iso(at),
    stream: header.stream === "stderr" ? "stderr" : "stdout",
    slot: header.slot,
    instance: header.instanceId,
    release: header.release,
    text,
  };
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
