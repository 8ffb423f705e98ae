// Coppice's own lines in the log stream: they tell what the program cannot.
import type { SystemLine } from "../../logs/rows.ts";
import type { WorkerParts } from "./parts.ts";
import { planRetention } from "./retention.ts";
import { announce } from "./watch.ts";

export type NewLine = Partial<SystemLine> & { readonly text: string };

const ROW_LINES = 1_000;

/** One row for all of them, in the order given; more only where there are very many. */
export function say(parts: WorkerParts, lines: readonly NewLine[]): void {
  if (lines.length === 0) return;
  const at = parts.rim.now();
  const blank = { at, slot: null, instance: null, release: null };
  for (let i = 0; i < lines.length; i += ROW_LINES) {
    const row = lines.slice(i, i + ROW_LINES).map((line) => ({ ...blank, ...line }));
    parts.frames.addSystem(row, at);
  }
  planRetention(parts);
  announce(parts);
}
