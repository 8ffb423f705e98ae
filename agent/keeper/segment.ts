// The bytes of a journal segment: lines `crc json\n`, the CRC seeded with the segment's number. Pure.
//
// 1. A segment counts only from its `begin` line to a complete snapshot (`ready`); a torn one is as good as none.
// 2. Reading stops at the first byte that is not a whole, right line: zeros, a torn write, or what an
//    earlier use of the segment left there (its CRCs were seeded with another number).
import { crc32 } from "node:zlib";
import type { JournalRecord } from "./ledger.ts";

type Line =
  | { readonly t: "begin"; readonly segment: number }
  | { readonly t: "ready" }
  | JournalRecord;

export interface SegmentContent {
  readonly segment: number;
  readonly records: readonly JournalRecord[];
  /** Where the next line goes. */
  readonly endBytes: number;
}

const NEWLINE = 10;
const CRC_CHARS = 8;
function crcHex(body: Uint8Array, segment: number): string {
  return crc32(body, segment >>> 0)
    .toString(16)
    .padStart(CRC_CHARS, "0");
}

export function encodeLine(line: Line, segment: number): Buffer {
  const body = Buffer.from(JSON.stringify(line));
  return Buffer.concat([Buffer.from(`${crcHex(body, segment)} `), body, Buffer.from("\n")]);
}

/** The start of a segment: everything that is known, ready to be appended to. */
export function encodeSegment(segment: number, records: readonly JournalRecord[]): Buffer {
  const lines = records.map((record) => encodeLine(record, segment));
  const begin = encodeLine({ t: "begin", segment }, 0);
  return Buffer.concat([begin, ...lines, encodeLine({ t: "ready" }, segment)]);
}

/** What a segment file holds; null where it never became ready. */
export function decodeSegment(bytes: Buffer): SegmentContent | null {
  const begin = lineAt(bytes, 0, 0);
  if (begin?.line.t !== "begin") return null;
  const { segment } = begin.line;
  const records: JournalRecord[] = [];
  let ready = false;
  let endBytes = begin.endBytes;
  for (;;) {
    const next = lineAt(bytes, endBytes, segment);
    if (next === null || next.line.t === "begin") break;
    if (next.line.t === "ready") ready = true;
    else records.push(next.line);
    endBytes = next.endBytes;
  }
  return ready ? { segment, records, endBytes } : null;
}

function lineAt(bytes: Buffer, from: number, segment: number) {
  const bodyStart = from + CRC_CHARS + 1;
  const newline = bytes[from] ? bytes.indexOf(NEWLINE, from) : -1;
  if (newline < bodyStart) return null;
  const body = bytes.subarray(bodyStart, newline);
  if (bytes.toString("latin1", from, bodyStart) !== `${crcHex(body, segment)} `) return null;
  return { line: JSON.parse(body.toString()) as Line, endBytes: newline + 1 };
}
