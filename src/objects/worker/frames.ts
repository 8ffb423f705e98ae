// The rows of log frames and of system lines: one blob row each, in the order in which they came.
//
// 1. `seq` never falls: the newest row is never deleted, so that a cursor stays valid.
// 2. How far a stream is stored is derived from its newest frame; memory only caches that. Where it begins has a row
//    of its own: nothing looks further back.
import type { FrameHeader } from "../../../protocol/frame.ts";
import type { Frame, RowSource, StoredFrame, SystemLine } from "../../logs/rows.ts";
import type { Row, Sql } from "../sql.ts";

export const SYSTEM_STREAM = "system";

interface FrameRow extends Row {
  seq: number;
  stream: string;
  header: string;
  payload: ArrayBuffer | null;
}

export interface Position {
  readonly next: number;
  /** No byte follows. */
  readonly ended: boolean;
}

const COLUMNS = "seq, stream, header, payload";
const NOTHING = new Uint8Array();

export function streamOf(header: FrameHeader): string {
  return `${header.instanceId}/${header.bootId}/${header.attempt}/${header.stream}`;
}

export class FrameTable implements RowSource {
  readonly #sql: Sql;
  readonly #positions = new Map<string, Position>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  position(stream: string): Position {
    const known = this.#positions.get(stream);
    if (known) return known;
    const query =
      "SELECT end_at, last FROM frames WHERE stream = ? AND seq >= ? ORDER BY seq DESC LIMIT 1";
    const first = this.#firstOf(stream);
    const row =
      first === null
        ? null
        : this.#sql.first<{ end_at: number; last: number }>(query, stream, first);
    const position = { next: row?.end_at ?? 0, ended: row?.last === 1 };
    this.#positions.set(stream, position);
    return position;
  }

  /** Null for a stream of which nothing was ever stored. */
  #firstOf(stream: string): number | null {
    const query = "SELECT first FROM streams WHERE stream = ?";
    return this.#sql.first<{ first: number }>(query, stream)?.first ?? null;
  }

  /** Forgets the cached positions: after a transaction that was rolled back, or after rows were deleted. */
  forget(): void {
    this.#positions.clear();
  }

  add(header: FrameHeader, payload: Uint8Array, at: number): void {
    const stream = streamOf(header);
    const bytes = payload.slice();
    if (this.#firstOf(stream) === null)
      this.#sql.run(
        "INSERT INTO streams (stream, first) VALUES (?, ?)",
        stream,
        this.newestSeq() + 1,
      );
    this.#sql.run(
      "INSERT INTO frames (at, stream, start, end_at, bytes, last, header, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      at,
      stream,
      header.start,
      header.end,
      bytes.byteLength,
      header.last ? 1 : 0,
      JSON.stringify(header),
      bytes.buffer,
    );
    this.#positions.set(stream, { next: header.end, ended: header.last });
  }

  addSystem(lines: readonly SystemLine[], at: number): void {
    if (lines.length === 0) return;
    this.#sql.run(
      "INSERT INTO frames (at, stream, start, end_at, bytes, last, header, payload) VALUES (?, ?, 0, 0, 0, 0, ?, NULL)",
      at,
      SYSTEM_STREAM,
      JSON.stringify(lines),
    );
  }

  newestSeq(): number {
    return this.#sql.first<{ n: number | null }>("SELECT MAX(seq) AS n FROM frames")?.n ?? 0;
  }

  /** Forward from that row on. */
  from(seq: number, limit: number): StoredFrame[] {
    const query = `SELECT ${COLUMNS} FROM frames WHERE seq >= ? ORDER BY seq LIMIT ?`;
    return this.#sql.all<FrameRow>(query, seq, limit).map((row) => frameOf(row));
  }

  /** Frames of a deploy's build and of its predeploy command, forward from that row on. */
  ofDeploy(deployId: string, seq: number, limit: number): Frame[] {
    const query = `SELECT ${COLUMNS} FROM frames WHERE seq >= ? AND stream GLOB ? ORDER BY seq LIMIT ?`;
    const rows = this.#sql.all<FrameRow>(query, seq, `${deployId}[-/]*`, limit);
    return rows.map((row) => frameOf(row)).filter((row) => row.kind === "frame");
  }

  /** Nothing more comes of that deploy's streams; of a build that moved, of the newest one. */
  outputEnded(deployId: string): boolean {
    const query = "SELECT stream FROM streams WHERE stream GLOB ? ORDER BY first";
    const all = this.#sql.all<{ stream: string }>(query, `${deployId}[-/]*`);
    const names = all.map(({ stream }) => stream);
    const build = names.findLast((name) => name.endsWith("/build"));
    const others = names.filter((name) => !name.endsWith("/build"));
    const awaited = build === undefined ? others : [build, ...others];
    return awaited.length > 0 && awaited.every((name) => this.position(name).ended);
  }

  /** The newest before that row, oldest first. */
  before(seq: number, limit: number): StoredFrame[] {
    const query = `SELECT ${COLUMNS} FROM frames WHERE seq < ? ORDER BY seq DESC LIMIT ?`;
    return this.#sql
      .all<FrameRow>(query, seq, limit)
      .map((row) => frameOf(row))
      .reverse();
  }

  /** The frame of the same stream that came before that row. */
  previous(stream: string, seq: number): Frame | null {
    const query = `SELECT ${COLUMNS} FROM frames WHERE stream = ? AND seq < ? AND seq >= ? ORDER BY seq DESC LIMIT 1`;
    const row = this.#sql.first<FrameRow>(query, stream, seq, this.#firstOf(stream) ?? seq);
    const frame = row ? frameOf(row) : null;
    return frame?.kind === "frame" ? frame : null;
  }
}

function frameOf(row: FrameRow): StoredFrame {
  if (row.stream === SYSTEM_STREAM)
    return { kind: "system", seq: row.seq, lines: JSON.parse(row.header) as SystemLine[] };
  return {
    kind: "frame",
    seq: row.seq,
    stream: row.stream,
    header: JSON.parse(row.header) as FrameHeader,
    payload: row.payload ? new Uint8Array(row.payload) : NOTHING,
  };
}
