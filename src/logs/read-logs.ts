// Pages of the log: forward from a cursor, or backward from one or from the end, without loss and without doubles.
//
// 1. A cursor is `row.line`: the next line to read. Rows and their lines never change, so it stays valid.
//    A line carries the one behind it; what stands before a line is what carries a smaller one.
// 2. Work per page is bounded in bytes, rows and lines; what was looked through in vain still moves the cursor on.
import { isOfDeploy } from "../../protocol/ids.ts";
import type { LogLine } from "../../protocol/rest.ts";
import type { LogInput, LogPage } from "../rpc.ts";
import { type BareLine, type FoundLine, linesOf, NO_CARRY, systemLines } from "./lines.ts";
import type { Frame, RowSource, StoredFrame } from "./rows.ts";

export interface Place {
  readonly seq: number;
  readonly line: number;
}

const BATCH_ROWS = 8;
const PAGE_TEXT_BYTES = 4_194_304;
const PAGE_ROWS = 2_000;
const PAGE_RAW_BYTES = 33_554_432;
/** Lines that are looked at for one page. */
const PAGE_LOOKS = 1_000_000;
/** Rows with more lines than this are taken one by one. */
const MANY_LINES = 100_000;
const LOOK_BACK_ROWS = 64;

export function readLogs(frames: RowSource, input: LogInput): LogPage {
  const place = input.cursor === null ? null : parseCursor(input.cursor);
  if (place) return readForward(frames, input, place);
  const end = { seq: frames.newestSeq() + 1, line: 0 };
  const before = input.before === null ? null : parseCursor(input.before);
  return readBackward(frames, input, { end, until: before ?? end });
}

export function parseCursor(cursor: string): Place | null {
  const match = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(cursor);
  return match ? { seq: Number(match[1]), line: Number(match[2] ?? 0) } : null;
}

export function cursorOf(seq: number, line: number): string {
  return `${seq}.${line}`;
}

/** A found line, made. */
export function bare({ at, source, text }: FoundLine): BareLine {
  return { at: new Date(at).toISOString(), ...source, text: text() };
}

/** Lines of rows in the order in which they are given; remembers where each stream stands. */
export class Splitter {
  readonly #frames: RowSource;
  readonly #carries = new Map<string, Uint8Array>();

  constructor(frames: RowSource) {
    this.#frames = frames;
  }

  /** What belongs to the program's log. To be taken to its end before the next row's lines are asked for. */
  *linesOf(row: StoredFrame): Generator<FoundLine, void> {
    if (row.kind === "system") yield* systemLines(row.lines);
    else if (!isOfDeploy(row.header.instanceId)) yield* this.frameLines(row);
  }

  /** Of one frame, whatever its stream. */
  *frameLines(frame: Frame): Generator<FoundLine, void> {
    const carry = this.#carries.get(frame.stream) ?? this.#carryBefore(frame);
    this.#carries.set(frame.stream, yield* linesOf(frame, carry));
  }

  /** The open end of what came before: back over the frames that were cut inside a line, then forward again. */
  #carryBefore(row: Frame): Uint8Array {
    const chain: Frame[] = [];
    let at: Frame = row;
    while (at.header.start > 0 && chain.length < LOOK_BACK_ROWS) {
      const previous = this.#frames.previous(at.stream, at.seq);
      if (!previous?.header.cut) break;
      chain.push(previous);
      at = previous;
    }
    return chain.reduceRight<Uint8Array>((carry, frame) => openEnd(frame, carry), NO_CARRY);
  }
}

function openEnd(frame: Frame, carry: Uint8Array): Uint8Array {
  const lines = linesOf(frame, carry);
  for (;;) {
    const next = lines.next();
    if (next.done) return next.value;
  }
}

/** The text is looked at last: only for that a line must be made. */
function matcher(input: LogInput): (line: FoundLine) => boolean {
  const { instance, release, since, slot, stream, text } = input;
  return (line) =>
    (slot === null || line.source.slot === slot) &&
    (instance === null || line.source.instance === instance) &&
    (release === null || line.source.release === release) &&
    (stream === null || line.source.stream === stream) &&
    (since === null || line.at >= since) &&
    (text === null || line.text().includes(text));
}

function rawBytes(row: StoredFrame): number {
  return row.kind === "frame" && !row.header.gap ? row.header.end - row.header.start : 0;
}

function readForward(frames: RowSource, input: LogInput, from: Place): LogPage {
  const matches = matcher(input);
  const splitter = new Splitter(frames);
  const lines: LogLine[] = [];
  const page = () => ({ lines, earlier: lines[0]?.cursor ?? cursorOf(from.seq, from.line) });
  let place = from;
  let textBytes = 0;
  let looks = 0;
  let raw = 0;
  let rows = 0;
  for (let take = 1; ; take = Math.min(take * 2, BATCH_ROWS)) {
    const batch = frames.from(place.seq, take);
    for (const row of batch) {
      const seen = row.seq === place.seq ? place.line : 0;
      let i = 0;
      for (const found of splitter.linesOf(row)) {
        const at = i++;
        if (at < seen) continue;
        if (lines.length >= input.limit || textBytes >= PAGE_TEXT_BYTES || looks++ >= PAGE_LOOKS)
          return { ...page(), cursor: cursorOf(row.seq, at), more: true };
        if (!matches(found)) continue;
        const line = { ...bare(found), cursor: cursorOf(row.seq, at + 1) };
        lines.push(line);
        textBytes += line.text.length;
      }
      place = { seq: row.seq, line: Math.max(i, seen) };
      raw += rawBytes(row);
      rows++;
    }
    const cursor = cursorOf(place.seq, place.line);
    if (batch.length < take) return { ...page(), cursor, more: false };
    if (raw >= PAGE_RAW_BYTES || rows >= PAGE_ROWS) return { ...page(), cursor, more: true };
    place = { seq: place.seq + 1, line: 0 };
  }
}

interface Kept {
  readonly found: FoundLine;
  readonly seq: number;
  readonly line: number;
}

interface Backward {
  /** Behind everything. */
  readonly end: Place;
  /** The first line that is not wanted any more. */
  readonly until: Place;
}

function readBackward(frames: RowSource, input: LogInput, { end, until }: Backward): LogPage {
  const { below, kept } = lookBack(frames, input, until);
  const lines = bounded(
    kept.map(({ found, line, seq }) => ({ ...bare(found), cursor: cursorOf(seq, line) })),
  );
  // Whatever was looked through in vain is not looked through again.
  const full = kept.length === input.limit || lines.length < kept.length;
  const least = full ? (lines[0]?.cursor ?? null) : cursorOf(below, 0);
  const earlier = full || frames.before(below, 1).length > 0 ? least : null;
  const isNewest = until.seq > end.seq || (until.seq === end.seq && until.line <= end.line);
  if (isNewest) return { lines, cursor: cursorOf(end.seq, end.line), more: false, earlier };
  // The line whose cursor was given is the next one.
  const cursor = cursorOf(until.seq, Math.max(0, until.line - 1));
  return { lines, cursor, more: true, earlier };
}

/** The newest lines before `until`, and the row below which nothing was looked at. */
function lookBack(
  frames: RowSource,
  input: LogInput,
  until: Place,
): { readonly kept: readonly Kept[]; readonly below: number } {
  const matches = matcher(input);
  let kept: Kept[] = [];
  let below = until.line > 0 ? until.seq + 1 : until.seq;
  let looks = 0;
  let raw = 0;
  let rows = 0;
  let take = 1;
  const mayGoOn = () => raw < PAGE_RAW_BYTES && rows < PAGE_ROWS && looks < PAGE_LOOKS;
  while (kept.length < input.limit && mayGoOn()) {
    const batch = frames.before(below, take);
    const first = batch[0];
    if (!first) break;
    below = first.seq;
    const splitter = new Splitter(frames);
    const before = looks;
    let last: Kept[] = [];
    for (const row of batch) {
      let line = 0;
      for (const found of splitter.linesOf(row)) {
        line++;
        if ((row.seq === until.seq && line >= until.line) || !matches(found)) continue;
        last.push({ found, seq: row.seq, line });
        if (last.length >= input.limit * 2) last = last.slice(-input.limit);
      }
      looks += line;
      raw += rawBytes(row);
      rows++;
    }
    kept = [...last, ...kept].slice(-input.limit);
    take = looks - before > MANY_LINES ? 1 : Math.min(take * 2, BATCH_ROWS);
  }
  return { kept, below };
}

/** The newest of them that fit into a page; one that alone is larger comes alone. */
function bounded(lines: LogLine[]): LogLine[] {
  let bytes = 0;
  const first = lines.findLastIndex((line, at) => {
    bytes += line.text.length;
    return bytes > PAGE_TEXT_BYTES && at < lines.length - 1;
  });
  return lines.slice(first + 1);
}
