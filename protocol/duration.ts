// Durations: in words that fit a log line, and as people type them.

/** "340 ms", "12.3 s", "4 min", "2.5 h", "3.1 d". */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 360_000) / 10} h`;
  return `${Math.round(ms / 8_640_000) / 10} d`;
}

const UNITS = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** "90s", "1h", "1h30m", "2d" in ms; null for anything else. */
export function parseSpan(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|min|[smhdw]))+$/.test(text)) return null;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|min|[smhdw])/g)) {
    total += Number(count) * UNITS[unit as keyof typeof UNITS];
  }
  return total;
}
