// A line of a log on a terminal: time, who, text. What the program wrote is data; what Coppice says stands out.
import type { Schemas } from "../../client/index.ts";
import { clean } from "../output/sanitise.ts";
import type { Colour, Paint } from "../output/style.ts";
import { clock } from "../output/time.ts";

export type LogLine = Schemas["LogLine"] & { readonly worker: string };

const SLOT_COLOURS: readonly Colour[] = ["cyan", "green", "magenta", "blue", "yellow"];

function source({ worker, slot }: LogLine): string {
  return slot === null ? clean(worker) : `${clean(worker)}.${slot}`;
}

/** Told apart by what the sentence says: a crash is red, the rest of the system's lines is quiet. */
function systemColour(text: string): Colour {
  return /crash|failed|reverted|lost|killed/i.test(text) ? "red" : "dim";
}

export function showLogLine(paint: Paint, line: LogLine, width: number): string {
  const who = source(line).padEnd(width);
  const colour = SLOT_COLOURS[(line.slot ?? 0) % SLOT_COLOURS.length] ?? "cyan";
  const text = clean(line.text);
  const head = `${paint("dim", clock(line.at))} ${paint(line.stream === "system" ? "bold" : colour, who)}`;
  if (line.stream === "system") return `${head} ${paint(systemColour(text), `— ${text}`)}`;
  const mark = line.stream === "stderr" ? paint("red", "!") : paint("dim", "│");
  return `${head} ${mark} ${text}`;
}
