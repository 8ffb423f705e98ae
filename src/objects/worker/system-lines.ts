// Coppice's own lines in the log stream: they tell what the program cannot.
import type { SystemLine } from "./frames.ts";
import type { WorkerParts } from "./parts.ts";
import { announce } from "./watch.ts";

export type NewLine = Partial<SystemLine> & { readonly text: string };

/** One row for all of them, in the order given. */
export function say(parts: WorkerParts, lines: readonly NewLine[]): void {
  if (lines.length === 0) return;
  const at = parts.rim.now();
  const blank = { at, slot: null, instance: null, release: null };
  parts.frames.addSystem(
    lines.map((line) => ({ ...blank, ...line })),
    at,
  );
  announce(parts);
}
