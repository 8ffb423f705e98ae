// What the keeper takes from the outside besides files and processes: clocks, chance, timers, a log line.
// Only main.ts makes a real one.

export type Cancel = () => void;

export interface World {
  /** ms since the host booted, those included that it slept; goes on over a restart of the keeper. */
  readonly nowMs: () => number;
  /** Of these, what it slept: the part that CLOCK_MONOTONIC lacks. */
  readonly sleptMs: () => number;
  /** ms since the epoch; may jump. */
  readonly wallMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly after: (delayMs: number, run: () => void) => Cancel;
  readonly log: (line: string) => void;
}

export function unreachable(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`);
}

/** The first line of whatever was thrown. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? text;
}

/** The errno name of a system error ("ENOSPC"), or null. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
