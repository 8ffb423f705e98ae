// Lines at the bottom of the terminal that are rewritten in place; what is printed in between goes above them.
import type { Out } from "../output/out.ts";
import { cutTo } from "../output/width.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const EVERY_MS = 120;

export class LiveLines {
  readonly #out: Out;
  #lines: readonly ((spin: string) => string)[] = [];
  #drawn = 0;
  #frame = 0;
  readonly #timer: ReturnType<typeof setInterval> | null;

  constructor(out: Out) {
    this.#out = out;
    this.#timer = out.lively ? setInterval(() => this.#draw(), EVERY_MS) : null;
  }

  /** Each line is made anew with the frame of the spinner. */
  show(lines: readonly ((spin: string) => string)[]): void {
    this.#lines = lines;
    if (this.#timer) this.#draw();
  }

  /** Lines that stay. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#wipe();
    for (const line of lines) this.#out.note(line);
    if (this.#timer) this.#draw();
  }

  /** A line of data, on stdout. */
  data(line: string): void {
    this.#wipe();
    this.#out.line(line);
  }

  #wipe(): void {
    if (this.#drawn > 0) this.#out.io.stderr.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }

  #draw(): void {
    this.#wipe();
    const spin = FRAMES[this.#frame++ % FRAMES.length] ?? "";
    const width = (this.#out.io.stderr.columns ?? 80) - 1;
    for (const line of this.#lines) this.#out.note(cutTo(line(spin), width));
    this.#drawn = this.#lines.length;
  }

  end(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#wipe();
  }
}
