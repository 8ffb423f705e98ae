// Times and durations as people say them.

export { parseSpan } from "../../protocol/duration.ts";

/** "12 s", "3 min", "2 h 5 min", "4 d". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (ms < 950) return `${Math.max(0, Math.round(ms / 10) * 10)} ms`;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 60 * 24)
    return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
  const days = Math.floor(minutes / (60 * 24));
  return `${days} d`;
}

/** "1 instance", "3 instances". */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** "12 s ago", "in 5 min", "now"; "" for null. */
export function ago(iso: string | null, now: number): string {
  if (iso === null) return "";
  const ms = now - Date.parse(iso);
  if (Math.abs(ms) < 1_000) return "now";
  return ms < 0
    ? `in ${span(-ms)}`
    : `${span(ms).replace(/ \d+ min$/, (tail) => (ms > 7_200_000 ? "" : tail))} ago`;
}

/** How long since; "" for null. */
export function since(iso: string | null, now: number): string {
  return iso === null ? "" : span(now - Date.parse(iso));
}

/** The local time of day, for lines of a log. */
export function clock(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
