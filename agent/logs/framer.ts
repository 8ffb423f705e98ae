// Where a frame ends: at the last line border within what a frame may hold. Pure; bytes are never changed.
//
// 1. Frames follow each other without a hole: what is cut here starts where the last one ended.
// 2. A line is divided only where it is longer than a line may be, too dense to fit when compressed, or has
//    waited long enough for its end; then not inside a UTF-8 character, and the frame is marked `cut`.
// 3. The end of an attempt takes whatever is left, a line without its newline too.
import type { FrameHeader } from "../../protocol/frame.ts";

const NEWLINE = 10;

export interface CutLimits {
  readonly frameRawBytes: number;
  readonly frameBytes: number;
  readonly lineBytes: number;
}

export interface Cut {
  readonly bytes: number;
  readonly lines: number;
  /** The last line goes on in the next frame. */
  readonly cut: boolean;
  readonly packed: Uint8Array;
}

export interface CutInput {
  /** What follows the last frame, at least as much as a frame may hold if there is so much. */
  readonly window: Uint8Array;
  /** The window's end is the stream's end. */
  readonly ended: boolean;
  /** A line that has no end yet has waited for it long enough. */
  readonly open: boolean;
  readonly limits: CutLimits;
  readonly pack: (bytes: Uint8Array) => Uint8Array;
}

/** The next frame, or null while there is no whole line. */
export function cutFrame(input: CutInput): Cut | null {
  const { window, ended, open, limits, pack } = input;
  const capBytes = Math.max(1, Math.min(limits.frameRawBytes, limits.lineBytes));
  let room = Math.min(window.length, capBytes);
  let final = ended && room === window.length;
  for (;;) {
    const bytes = border(window.subarray(0, room), {
      final,
      divide: open || room < window.length || room === capBytes,
    });
    if (bytes === 0) return null;
    const packed = pack(window.subarray(0, bytes));
    if (packed.length <= limits.frameBytes || bytes === 1) {
      const inside = window[bytes - 1] !== NEWLINE;
      const cut = inside && !(ended && bytes === window.length);
      return { bytes, lines: countLines(window.subarray(0, bytes)), cut, packed };
    }
    // Too dense: try so much less as it was too much, and a little less than that.
    room = Math.max(
      1,
      Math.floor(bytes * Math.min(0.9, (0.95 * limits.frameBytes) / packed.length)),
    );
    final = false;
  }
}

function border(room: Uint8Array, state: { final: boolean; divide: boolean }): number {
  if (state.final) return room.length;
  const newline = room.lastIndexOf(NEWLINE);
  if (newline >= 0) return newline + 1;
  return state.divide ? characterBorder(room) : 0;
}

/** The end of the last whole UTF-8 character; all of it where that is no UTF-8. */
function characterBorder(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back < bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Lines that end here, and one more where the last has no newline. */
function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE ? lines + 1 : lines;
}

/** Bytes up to `upTo` were read at `at` by the wall clock, the first of them at `since` by the steady one. */
export interface Mark {
  readonly at: number;
  readonly since: number;
  readonly upTo: number;
  readonly late: boolean;
}

/** Two readings closer than this share a mark, so that a header stays small. */
const MARK_MS = 250;

/** Adds a reading; one soon after the last, and as punctual, widens it. */
export function addMark(marks: Mark[], mark: Mark): void {
  const last = marks.at(-1);
  if (last !== undefined && last.late === mark.late && mark.since - last.since < MARK_MS)
    marks[marks.length - 1] = { ...last, upTo: mark.upTo };
  else marks.push(mark);
}

/** The marks of the range, as the header has them. */
export function marksOf(
  marks: readonly Mark[],
  range: { readonly start: number; readonly end: number; readonly now: number },
): FrameHeader["marks"] {
  const inside: FrameHeader["marks"] = [];
  let from = range.start;
  for (const { at, upTo, late } of marks) {
    const to = Math.min(upTo, range.end);
    if (to <= from) continue;
    inside.push({ at, bytes: to - from, ...(late ? { late } : {}) });
    from = to;
  }
  if (from < range.end) inside.push({ at: range.now, bytes: range.end - from, late: true });
  return inside;
}
