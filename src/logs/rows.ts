// Rows of a worker's log: frames as hosts ship them, and batches of system lines, in one order.
// Whoever holds rows — an object's table, a segment — is read through `RowSource`, by the same code.
import type { FrameHeader } from "../../protocol/frame.ts";

export interface SystemLine {
  readonly at: number;
  readonly text: string;
  readonly slot: number | null;
  readonly instance: string | null;
  readonly release: number | null;
}

export type StoredFrame =
  | {
      readonly kind: "frame";
      readonly seq: number;
      readonly stream: string;
      readonly header: FrameHeader;
      readonly payload: Uint8Array;
    }
  | { readonly kind: "system"; readonly seq: number; readonly lines: readonly SystemLine[] };

export type Frame = Extract<StoredFrame, { kind: "frame" }>;

export interface RowSource {
  /** 0 where it never had any. */
  newestSeq(): number;
  /** Forward from that row on. */
  from(seq: number, limit: number): StoredFrame[];
  /** The newest before that row, oldest first. */
  before(seq: number, limit: number): StoredFrame[];
  /** The frame of the same stream that came before that row, as far as this source knows. */
  previous(stream: string, seq: number): Frame | null;
}
