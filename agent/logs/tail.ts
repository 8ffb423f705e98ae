// The last lines that an ended attempt or a failed build wrote, to be kept with its record.
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

/** stdout, then stderr, together at most `lines`; what one does not need the other may have. */
export function mergeTails(
  stdout: readonly string[],
  stderr: readonly string[],
  lines: number,
): string[] {
  const half = Math.floor(lines / 2);
  const forErr = Math.min(stderr.length, Math.max(half, lines - stdout.length));
  const forOut = Math.min(stdout.length, lines - forErr);
  return [
    ...(forOut > 0 ? stdout.slice(-forOut) : []),
    ...(forErr > 0 ? stderr.slice(-forErr) : []),
  ];
}

export function tailOfAttempt(
  paths: { readonly stdout: string; readonly stderr: string },
  lines: number,
): string[] {
  const limits = { lines, bytes: TAIL_BYTES / 2 };
  return mergeTails(tailOfFile(paths.stdout, limits), tailOfFile(paths.stderr, limits), lines);
}
