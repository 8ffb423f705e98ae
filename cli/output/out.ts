// Where things are printed: data on stdout, everything else on stderr.
//
// With --json stdout carries JSON alone: one value, or one value a line for streams.
import type { Io } from "../io.ts";
import { safeJson } from "./sanitise.ts";
import { type AnyState, makePaint, type Paint, showState, wantsColour } from "./style.ts";
import { type Column, tableLines } from "./table.ts";

export class Out {
  readonly io: Io;
  /** Colours for stdout and for stderr. */
  readonly paint: Paint;
  readonly dress: Paint;
  readonly lively: boolean;

  constructor(io: Io) {
    this.io = io;
    this.paint = makePaint(wantsColour(io.stdout, io.env));
    this.dress = makePaint(wantsColour(io.stderr, io.env));
    /** A terminal on which lines may be rewritten. */
    this.lively = io.stderr.isTTY && io.env.TERM !== "dumb" && !io.env.CI;
  }

  /** A line of data. */
  line(text = ""): void {
    this.io.stdout.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(safeJson(value, this.io.stdout.isTTY ? 2 : 0));
  }

  /** One value of a stream. */
  ndjson(value: unknown): void {
    this.line(safeJson(value));
  }

  /** A line for the person, not for the pipe. */
  note(text = ""): void {
    this.io.stderr.write(`${text}\n`);
  }

  dim(text: string): void {
    this.note(this.dress("dim", text));
  }

  warn(text: string): void {
    this.note(`${this.dress("yellow", "warning:")} ${text}`);
  }

  table<T>(items: readonly T[], columns: readonly Column<T>[]): void {
    const { columns: width } = this.io.stdout;
    for (const line of tableLines(items, columns, {
      columns: width,
      head: (text) => this.paint("dim", text),
    })) {
      this.line(line);
    }
  }

  /** Names with their values below each other. */
  fields(pairs: readonly (readonly [string, string | null])[]): void {
    const known = pairs.filter((pair): pair is [string, string] => Boolean(pair[1]));
    const width = Math.max(0, ...known.map(([name]) => name.length));
    for (const [name, value] of known) {
      this.line(`${this.paint("dim", name.padEnd(width))}  ${value}`);
    }
  }

  state(state: AnyState): string {
    return showState(this.paint, state);
  }
}
