// One stream of one attempt on its way: what was written, framed, sent and acknowledged.
//
// 1. acked <= framed <= size; frames lie between acked and framed without a hole.
// 2. A frame without bytes that only says `last` is made when no other is outstanding, so that its ack is its own.
import { gzipSync } from "node:zlib";
import type { StreamKey } from "../../protocol/channel.ts";
import { encodeFrame } from "../../protocol/frame.ts";
import type { Policy } from "../../protocol/policy.ts";
import { addMark, cutFrame, type Mark, marksOf } from "./framer.ts";
import { applyAck, applyRefusal, type Border, type Shipped } from "./journal.ts";
import { type Masker, NO_MASKER } from "./mask.ts";
import type { Look } from "./reader.ts";
import { readSpool, spoolSize } from "./spool.ts";

/** Readings remembered for the tail of a crash: some seconds of a busy program. */
const TAIL_MARKS = 128;

const pack = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 1 });

export interface CutUrge {
  /** By the steady clock. */
  readonly now: number;
  /** By the wall clock. */
  readonly at: number;
  /** Somebody reads: every whole line leaves. */
  readonly attended: boolean;
  readonly logs: Policy["logs"];
}

export class OutputStream {
  readonly path: string;
  readonly shipped: Shipped;
  size = 0;
  ended = false;
  /** How many of the frames in `shipped` were sent on the present channel. */
  sent = 0;
  #marks: Mark[] = [];
  #tailMarks: Mark[] = [];
  /** Everything below leaves now. */
  #forceTo = 0;
  #waitingSince: number | null = null;
  /** At this size there was no line border to cut at. */
  #noBorderAt = -1;
  /** Into how many pieces the line that has no end yet was divided. */
  #pieces = 0;

  readonly #masker: () => Masker;

  constructor(path: string, shipped: Shipped, masker: () => Masker = () => NO_MASKER) {
    this.path = path;
    this.shipped = shipped;
    this.#masker = masker;
  }

  get key(): StreamKey {
    return this.shipped.key;
  }

  get framed(): number {
    return this.shipped.borders.at(-1)?.end ?? this.shipped.acked;
  }

  get #lastFramed(): boolean {
    return this.shipped.lastAcked || (this.shipped.borders.at(-1)?.last ?? false);
  }

  /** Looks how long the file is; true where it grew. */
  look({ at, since, late }: Look): boolean {
    const size = spoolSize(this.path) ?? 0;
    if (size <= this.size) return false;
    this.size = size;
    this.#tailMarks.push({ at, since, upTo: size, late });
    if (this.#tailMarks.length > 2 * TAIL_MARKS) this.#tailMarks.splice(0, TAIL_MARKS);
    if (size <= this.framed) return false;
    addMark(this.#marks, { at, since, upTo: size, late });
    this.#waitingSince ??= since;
    if (this.#lastFramed) this.shipped.lastAcked = false;
    return true;
  }

  /** When which part was read, one mark for each look, the newest of them. */
  get tailMarks(): readonly Mark[] {
    return this.#tailMarks;
  }

  force(): void {
    this.#forceTo = Math.max(this.#forceTo, this.size);
  }

  /** No byte follows but for what the file holds already. */
  end(): void {
    this.ended = true;
  }

  get #isEmpty(): boolean {
    return this.size === 0 && this.framed === 0;
  }

  /** Nothing more to frame and nothing unsent: whatever comes next on the channel comes after it. */
  get isSent(): boolean {
    if (this.sent < this.shipped.borders.length) return false;
    return this.ended ? this.#isEmpty || this.framed >= this.size : false;
  }

  get isDone(): boolean {
    if (!this.ended || this.shipped.borders.length > 0) return false;
    return this.#isEmpty || (this.shipped.lastAcked && this.shipped.acked >= this.size);
  }

  /** All below `target` is durable, or is the beginning of a line that has no end yet. */
  isFlushed(target: number): boolean {
    if (this.shipped.acked >= target) return true;
    return this.shipped.borders.length === 0 && this.#noBorderAt === this.size && !this.ended;
  }

  /** When the oldest unshipped byte is due, by the steady clock. */
  dueAt({ attended, logs }: CutUrge): number | null {
    if (this.#waitingSince === null) return null;
    const waitMs = attended ? logs.openLineMs * 2 ** Math.min(this.#pieces, 20) : logs.flushMs;
    const isOpen = this.#noBorderAt === this.size;
    return this.#waitingSince + (isOpen ? Math.min(waitMs, logs.flushMs) : logs.flushMs);
  }

  #isDue(urge: CutUrge): boolean {
    return (this.dueAt(urge) ?? Number.POSITIVE_INFINITY) <= urge.now;
  }

  wantsCut(urge: CutUrge): boolean {
    const { attended, logs } = urge;
    const { framed, size } = this;
    if (framed < this.shipped.freed) return true;
    if (framed >= size)
      return this.ended && !this.#isEmpty && !this.#lastFramed && this.shipped.borders.length === 0;
    if (this.ended) return true;
    if (this.#noBorderAt === size) return this.#isDue(urge);
    if (attended || this.#forceTo > framed || size - framed >= logs.frameRawBytes) return true;
    return this.#isDue(urge);
  }

  /** The next frame's border, with its payload at hand; null while there is no whole line. */
  cut(urge: CutUrge): { border: Border; payload: Uint8Array } | null {
    const { now, at, logs } = urge;
    const start = this.framed;
    const { freed } = this.shipped;
    if (start < freed) return { border: this.#gap(start, freed, at), payload: new Uint8Array() };
    const capBytes = Math.min(logs.frameRawBytes, logs.lineBytes);
    const window = this.#read({ start, end: Math.min(this.size, start + capBytes) });
    const ended = this.ended && start + window.length >= this.size;
    if (window.length === 0) {
      // The file is shorter than it was: what is gone is gone, and the stream ends here.
      this.size = Math.min(this.size, start);
      if (!this.ended) return null;
      return {
        border: { start, end: start, lines: 0, marks: [], last: true, gap: false, cut: false },
        payload: pack(window),
      };
    }
    const input = { window, ended, limits: logs, pack };
    let cut = cutFrame({ ...input, open: false });
    if (cut === null) {
      this.#noBorderAt = this.size;
      if (!this.#isDue(urge)) return null;
      cut = cutFrame({ ...input, open: true });
      if (cut === null) return null;
      this.#pieces += 1;
    }
    if (!cut.cut) this.#pieces = 0;
    const end = start + cut.bytes;
    const marks = marksOf(this.#marks, { start, end, now: at });
    this.#marks = this.#marks.filter((mark) => mark.upTo > end);
    this.#waitingSince = end < this.size ? (this.#marks[0]?.since ?? now) : null;
    const last = this.ended && end >= this.size;
    return {
      border: { start, end, lines: cut.lines, marks, last, gap: false, cut: cut.cut },
      payload: cut.packed,
    };
  }

  /** The bytes of a frame that is journaled; null where the spool no longer holds them. */
  payload(border: Border): Uint8Array | null {
    if (border.gap) return new Uint8Array();
    const bytes = this.#read(border);
    return bytes.length === border.end - border.start ? pack(bytes) : null;
  }

  /** That range without known secrets; what stands around it is looked at too. */
  #read({ start, end }: { readonly start: number; readonly end: number }): Buffer {
    const masker = this.#masker();
    const before = Math.min(start, masker.contextBytes);
    const range = { start: start - before, end: end + masker.contextBytes };
    const text = readSpool(this.path, range);
    const from = Math.min(before, text.length);
    return masker.mask(text, { from, to: Math.min(text.length, from + end - start) });
  }

  encode(border: Border, payload: Uint8Array): Uint8Array {
    const { cut, ...range } = border;
    const { slot, release } = this.shipped;
    const header = { ...this.key, slot, release, ...range, ...(cut ? { cut } : {}) };
    return encodeFrame({ header, payload });
  }

  acked(ack: { next: number; last: boolean }): void {
    const before = this.shipped.borders.length;
    applyAck(this.shipped, ack);
    this.sent = Math.max(0, this.sent - (before - this.shipped.borders.length));
  }

  refused(next: number): void {
    applyRefusal(this.shipped, next);
    this.sent = 0;
    this.#noBorderAt = -1;
    this.force();
  }

  #gap(start: number, end: number, at: number): Border {
    return {
      start,
      end,
      lines: 0,
      marks: [{ at, bytes: 0 }],
      last: false,
      gap: true,
      cut: false,
    };
  }
}
