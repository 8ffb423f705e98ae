// Pages of the log: the newest lines, or forward from a cursor, without loss and without doubles.
//
// 1. A cursor is `row.line`: the next line to read. Rows and their lines never change, so it stays valid.
// 2. Work per page is bounded in bytes and rows; what was looked through in vain still moves the cursor on.
import type { LogLine } from "../../../protocol/rest.ts";
import type { LogInput, LogPage } from "../../rpc.ts";
import type { FrameTable, StoredFrame } from "./frames.ts";
import { type BareLine, NO_CARRY, splitFrame, systemLines } from "./lines.ts";

interface Place {
  readonly seq: number;
  readonly line: number;
}

type Frame = Extract<StoredFrame, { kind: "frame" }>;

const BATCH_ROWS = 8;
const PAGE_TEXT_BYTES = 4_194_304;
const PAGE_ROWS = 2_000;
const PAGE_RAW_BYTES = 33_554_432;
const LOOK_BACK_ROWS = 64;

export function readLogs(frames: FrameTable, input: LogInput): LogPage {
  const place = input.cursor === null ? null : parseCursor(input.cursor);
  return place ? readForward(frames, input, place) : readNewest(frames, input);
}

function parseCursor(cursor: string): Place | null {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor);
  return match ? { seq: Number(match[1]), line: Number(match[2]) } : null;
}

function cursorOf(seq: number, line: number): string {
  return `${seq}.${line}`;
}

/** Lines of rows in the order in which they are given; remembers where each stream stands. */
class Splitter {
  readonly #frames: FrameTable;
  readonly #carries = new Map<string, Uint8Array>();

  constructor(frames: FrameTable) {
    this.#frames = frames;
  }

  linesOf(row: StoredFrame): BareLine[] {
    if (row.kind === "system") return systemLines(row.lines);
    if (row.header.stream === "build") return [];
    const carry = this.#carries.get(row.stream) ?? this.#carryBefore(row);
    const split = splitFrame(row, carry);
    this.#carries.set(row.stream, split.carry);
    return split.lines;
  }

  /** The open end of what came before: back over the frames that were cut inside a line, then forward again. */
  #carryBefore(row: Frame): Uint8Array {
    const chain: Frame[] = [];
    let at: Frame = row;
    while (at.header.start > 0 && chain.length < LOOK_BACK_ROWS) {
      const previous = this.#frames.previous(at.stream, at.seq);
      if (previous?.kind !== "frame" || !previous.header.cut) break;
      chain.push(previous);
      at = previous;
    }
    return chain.reduceRight<Uint8Array>(
      (carry, frame) => splitFrame(frame, carry).carry,
      NO_CARRY,
    );
  }
}

function matcher(input: LogInput): (line: BareLine) => boolean {
  const { instance, release, since, slot, stream, text } = input;
  return (line) =>
    (slot === null || line.slot === slot) &&
    (instance === null || line.instance === instance) &&
    (release === null || line.release === release) &&
    (stream === null || line.stream === stream) &&
    (since === null || Date.parse(line.at) >= since) &&
    (text === null || line.text.includes(text));
}

function rawBytes(row: StoredFrame): number {
  return row.kind === "frame" && !row.header.gap ? row.header.end - row.header.start : 0;
}

function readForward(frames: FrameTable, input: LogInput, from: Place): LogPage {
  const matches = matcher(input);
  const splitter = new Splitter(frames);
  const lines: LogLine[] = [];
  let place = from;
  let textBytes = 0;
  let raw = 0;
  let rows = 0;
  for (let take = 1; ; take = Math.min(take * 2, BATCH_ROWS)) {
    const batch = frames.from(place.seq, take);
    for (const row of batch) {
      const all = splitter.linesOf(row);
      for (let i = row.seq === place.seq ? place.line : 0; i < all.length; i++) {
        if (lines.length >= input.limit || textBytes >= PAGE_TEXT_BYTES)
          return { lines, cursor: cursorOf(row.seq, i), more: true };
        const line = all[i];
        if (!line || !matches(line)) continue;
        lines.push({ ...line, cursor: cursorOf(row.seq, i + 1) });
        textBytes += line.text.length;
      }
      place = { seq: row.seq, line: Math.max(all.length, row.seq === place.seq ? place.line : 0) };
      raw += rawBytes(row);
      rows++;
    }
    const cursor = cursorOf(place.seq, place.line);
    if (batch.length < take) return { lines, cursor, more: false };
    if (raw >= PAGE_RAW_BYTES || rows >= PAGE_ROWS) return { lines, cursor, more: true };
    place = { seq: place.seq + 1, line: 0 };
  }
}

function readNewest(frames: FrameTable, input: LogInput): LogPage {
  const matches = matcher(input);
  const newest = frames.newestSeq();
  let lines: LogLine[] = [];
  let below = newest + 1;
  let raw = 0;
  let rows = 0;
  let take = 1;
  while (lines.length < input.limit && raw < PAGE_RAW_BYTES && rows < PAGE_ROWS) {
    const batch = frames.before(below, take);
    take = Math.min(take * 2, BATCH_ROWS);
    const first = batch[0];
    if (!first) break;
    below = first.seq;
    const splitter = new Splitter(frames);
    const found: LogLine[] = [];
    for (const row of batch) {
      splitter.linesOf(row).forEach((line, i) => {
        if (matches(line)) found.push({ ...line, cursor: cursorOf(row.seq, i + 1) });
      });
      raw += rawBytes(row);
      rows++;
    }
    lines = [...found, ...lines];
  }
  return {
    lines: bounded(lines.slice(-input.limit)),
    cursor: cursorOf(newest + 1, 0),
    more: false,
  };
}

/** The newest of them that fit into a page. */
function bounded(lines: LogLine[]): LogLine[] {
  let bytes = 0;
  const first = lines.findLastIndex((line) => {
    bytes += line.text.length;
    return bytes > PAGE_TEXT_BYTES;
  });
  return lines.slice(first + 1);
}
