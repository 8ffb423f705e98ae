// Which crashes are the same: how the process ended, and what it said last without what differs from one time to the next.
import type { ExitReport } from "../../protocol/channel.ts";
import { tellingLine } from "../../protocol/crash-line.ts";

export type Ended = Pick<ExitReport, "exitCode" | "signal" | "oom" | "reason" | "detail" | "tail">;

export interface Fingerprint {
  /** `out of memory`, `SIGKILL`, `exit code 3`, or why it is not known. */
  readonly cause: string;
  /** What it said, as it was written the first time; "" where it said nothing. */
  readonly title: string;
  /** Equal for equal kinds; at most some 300 characters. */
  readonly key: string;
}

const MOST_CHARS = 240;

/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: escape sequences begin with one */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g;
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: escape sequences begin with one */

/** In this order: a time has numbers in it, and so has an id. */
const VARIES: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?/g, "<time>"],
  [/\b\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b/g, "<time>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "<address>"],
  [/\b0x[0-9a-f]+\b/gi, "<id>"],
  // Long and with a digit in it: a word is none.
  [/\b(?=[0-9a-z_-]*\d)[0-9a-z_-]{16,}\b/gi, "<id>"],
  [/\d+(?:\.\d+)?/g, "<n>"],
];

/** The line without terminal control, times, ids, addresses and numbers. */
export function normalise(line: string): string {
  // Cut first: what a hostile line costs is bounded.
  const plain = line
    .slice(0, 4 * MOST_CHARS)
    .replace(ESCAPES, "")
    .replace(/\s+/g, " ")
    .trim();
  return VARIES.reduce((text, [varies, by]) => text.replace(varies, by), plain).slice(
    0,
    MOST_CHARS,
  );
}

function causeOf({ exitCode, oom, reason, signal }: Ended): string {
  if (oom) return "out of memory";
  if (reason === "stalled") return "stalled";
  if (signal !== null) return signal;
  if (exitCode !== null) return `exit code ${exitCode}`;
  return reason.replaceAll("_", " ");
}

export function fingerprintOf(ended: Ended): Fingerprint {
  const cause = causeOf(ended);
  const said = ended.tail.length > 0 ? tellingLine(ended.tail) : (ended.detail ?? "");
  const title = said
    .slice(0, 4 * MOST_CHARS)
    .replace(ESCAPES, "")
    .trim()
    .slice(0, MOST_CHARS);
  return { cause, title, key: `${cause}\n${normalise(said)}` };
}

/** How often on which day (whole days since 1970, UTC), the newest at most so many. */
export type DayCounts = Readonly<Record<string, number>>;

export function countDay(days: DayCounts, day: number, keep: number): DayCounts {
  const next: DayCounts = { ...days, [day]: (days[day] ?? 0) + 1 };
  return Object.fromEntries(Object.entries(next).filter(([known]) => Number(known) > day - keep));
}
