// The last lines that an ended attempt or a failed build wrote, to be kept with its record.
//
// 1. Lines of both streams stand in the order in which they were read, as far as that is known; what was read in
//    the same look, or when nobody looked, stands stdout before stderr.
import type { Mark } from "./framer.ts";
import { readSpool, spoolSize } from "./spool.ts";

const TAIL_BYTES = 65_536;

/** The last `lines` whole lines within the last 64 KiB; invalid UTF-8 shows as U+FFFD here only. */
export function tailOfFile(path: string, limits: { lines: number; bytes?: number }): string[] {
  const size = spoolSize(path) ?? 0;
  const start = Math.max(0, size - (limits.bytes ?? TAIL_BYTES));
  return lastLines(readSpool(path, { start, end: size }), {
    lines: limits.lines,
    whole: start === 0,
  });
}

export function lastLines(bytes: Buffer, options: { lines: number; whole: boolean }): string[] {
  // Blocks that were shipped and freed read as NUL.
  const text = bytes.toString("utf8").replace(/^\0+/, "");
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (!options.whole && lines.length > 1) lines.shift();
  return lines.slice(-options.lines);
}

/** A line and when it was read, by the steady clock; 0 where nobody knows. */
export interface TailLine {
  readonly text: string;
  readonly since: number;
}

/** Both streams, together at most `lines`; what one does not need the other may have. */
export function mergeTails(
  stdout: readonly TailLine[],
  stderr: readonly TailLine[],
  lines: number,
): string[] {
  const half = Math.floor(lines / 2);
  const forErr = Math.min(stderr.length, Math.max(half, lines - stdout.length));
  const forOut = Math.min(stdout.length, lines - forErr);
  const both = [
    ...(forOut > 0 ? stdout.slice(-forOut) : []),
    ...(forErr > 0 ? stderr.slice(-forErr) : []),
  ];
  // One stream whose times are unknown leaves nothing to compare with.
  if (both.some(({ since }) => since === 0)) return both.map(({ text }) => text);
  return both.sort((a, b) => a.since - b.since).map(({ text }) => text);
}

/** The last lines of a file, each with the time of the mark that its first byte lies in. */
function timedTail(stream: TailSource, limits: { lines: number; bytes: number }): TailLine[] {
  const { path, marks } = stream;
  const texts = tailOfFile(path, limits);
  const size = spoolSize(path) ?? 0;
  const tail = readSpool(path, { start: Math.max(0, size - limits.bytes), end: size });
  const starts = lineStarts(tail).map((at) => size - tail.length + at);
  return texts.map((text, i) => {
    const at = starts[starts.length - texts.length + i] ?? 0;
    const mark = marks.find(({ upTo }) => at < upTo);
    return { text, since: mark === undefined || mark.late ? 0 : mark.since };
  });
}

const NEWLINE = 10;

function lineStarts(bytes: Buffer): number[] {
  const starts: number[] = bytes.length > 0 ? [0] : [];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1))
    if (at + 1 < bytes.length) starts.push(at + 1);
  return starts;
}

export interface TailSource {
  readonly path: string;
  /** When which part of the file was read; empty where nobody looked. */
  readonly marks: readonly Mark[];
}

export function tailOfAttempt(
  sources: { readonly stdout: TailSource; readonly stderr: TailSource },
  lines: number,
): string[] {
  const limits = { lines, bytes: TAIL_BYTES / 2 };
  return mergeTails(timedTail(sources.stdout, limits), timedTail(sources.stderr, limits), lines);
}
