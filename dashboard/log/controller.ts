// One log on the screen: what is read for a query, which line is chosen, what is loaded on demand.
import { signal } from "@preact/signals";
import type { Link } from "../live/stream.ts";
import { parseQuery } from "./query.ts";
import { LogSource } from "./source.ts";
import { LogView } from "./view.ts";

/** So near to the first line the lines before it are fetched. */
const NEAR_TOP_PX = 200;

export interface LogInput {
  readonly scroller: HTMLElement;
  readonly project: string;
  readonly name: string;
  readonly query: string;
  /** A moment to open the log at; null for the newest lines. */
  readonly at: string | null;
}

export class LogController {
  readonly view: LogView;
  readonly link = signal<Link>({ phase: "opening" });
  readonly hasEarlier = signal(false);
  /** A sentence about what was done last. */
  readonly said = signal("");
  readonly #input: LogInput;
  readonly #source: LogSource;
  #stop: () => void = () => {};
  #closed = false;
  #chosen: HTMLElement | null = null;
  #stepping: Promise<void> | null = null;
  /** What the view had let go of when it held everything from the beginning on; null where it never did. */
  #wholeAt: number | null = null;
  /** How far back a query was followed without finding anything. */
  #place: { readonly cursor: string; readonly gone: number } | null = null;

  constructor(input: LogInput) {
    this.#input = input;
    this.view = new LogView(input.scroller);
    input.scroller.addEventListener("click", this.#choose);
    input.scroller.addEventListener("scroll", this.#scrolled, { passive: true });
    this.#source = new LogSource(input.project, input.name, parseQuery(input.query));
    if (input.at === null || Number.isNaN(Date.parse(input.at))) this.#follow(null);
    else void this.#openAt(input.at);
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    this.#input.scroller.removeEventListener("click", this.#choose);
    this.#input.scroller.removeEventListener("scroll", this.#scrolled);
    this.view.close();
  }

  #follow(from: string | null): void {
    if (this.#closed) return;
    this.#stop = this.#source.follow(from, {
      lines: (lines) => {
        this.view.push(lines);
        if (this.view.gone !== this.#wholeAt) this.hasEarlier.value = true;
      },
      link: (link) => {
        this.link.value = link;
      },
    });
  }

  async #openAt(at: string): Promise<void> {
    try {
      const page = await this.#source.around(at);
      if (this.#closed) return;
      this.view.prepend(page.lines);
      this.hasEarlier.value = true;
      this.view.pause();
      const near = this.#nearest(at);
      if (near) this.#select(near, "center");
      this.#follow(page.cursor);
    } catch (error) {
      this.said.value = error instanceof Error ? error.message : String(error);
      this.#follow(null);
    }
  }

  /** The line of that moment: a crash rather than what was written in the same instant. */
  #nearest(at: string): HTMLElement | null {
    const lines = [...this.#input.scroller.querySelectorAll<HTMLElement>(".line")];
    const exact = lines.filter((line) => line.dataset.at === at);
    return (
      exact.find((line) => line.matches(".crash")) ??
      exact[0] ??
      lines.find((line) => (line.dataset.at ?? "") >= at) ??
      lines.at(-1) ??
      null
    );
  }

  /** Whoever scrolls up to the first line gets what stands before it. */
  readonly #scrolled = (): void => {
    if (!this.view.paused.value || !this.hasEarlier.value) return;
    if (this.#input.scroller.scrollTop < NEAR_TOP_PX) void this.loadEarlier();
  };

  /** One step back; asked for again while it runs, it is the same step. */
  loadEarlier(): Promise<void> {
    this.#stepping ??= this.#stepBack()
      .catch((error: unknown) => {
        this.said.value = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        this.#stepping = null;
      });
    return this.#stepping;
  }

  async #stepBack(): Promise<void> {
    this.view.pause();
    this.said.value = "";
    const { gone } = this.view;
    const place = this.#place?.gone === gone ? this.#place.cursor : this.view.first;
    if (place === null) return;
    const { lines, earlier } = await this.#source.before(place);
    if (this.#closed) return;
    // What was before the first line is not before the one that is first now.
    if (this.view.gone !== gone) return this.#stepBack();
    this.view.prepend(lines);
    // Where lines came, the next step goes on from the first of them, so that none is passed over.
    this.#place = lines.length > 0 || earlier === null ? null : { cursor: earlier, gone };
    this.hasEarlier.value = earlier !== null;
    if (earlier === null) {
      this.#wholeAt = this.view.gone;
      this.said.value = "This is the beginning of what is kept.";
    } else if (lines.length === 0) {
      this.said.value = "None so far fits the query; there is more to look through.";
    }
  }

  /** The time of the line that was chosen. */
  get chosenAt(): string | null {
    return this.#chosen?.dataset.at ?? null;
  }

  toggleFollow(): void {
    if (this.view.paused.value) this.view.resume();
    else this.view.pause();
  }

  /** Moves the choice to the next line of that kind; the first time to the newest one. */
  step(by: 1 | -1, kind: string): void {
    const lines = [...this.#input.scroller.querySelectorAll<HTMLElement>(kind)];
    const chosen = this.#chosen?.isConnected ? this.#chosen : null;
    const next = chosen === null ? lines.at(-1) : neighbour(lines, chosen, by);
    if (next === undefined) return;
    this.view.pause();
    this.#select(next, "nearest");
  }

  /** A line is chosen by its time; keys do the same (`j`, `k`). */
  readonly #choose = (event: MouseEvent): void => {
    const time = (event.target as HTMLElement).closest(".t");
    const line = time?.closest<HTMLElement>(".line");
    if (!line) return;
    this.view.pause();
    this.#select(line, "nearest");
    history.replaceState(null, "", this.#address());
  };

  #select(line: HTMLElement, block: ScrollLogicalPosition): void {
    this.#chosen?.removeAttribute("aria-current");
    this.#chosen = line;
    line.setAttribute("aria-current", "true");
    line.scrollIntoView({ block });
  }

  #address(): string {
    const url = new URL(location.href);
    if (this.#chosen?.dataset.at) url.searchParams.set("at", this.#chosen.dataset.at);
    return url.href;
  }

  async copyAddress(): Promise<void> {
    await navigator.clipboard.writeText(this.#address());
    this.said.value = "The address is copied.";
  }

  async download(): Promise<void> {
    const parts: string[] = [];
    for await (const part of this.#source.file()) parts.push(part);
    const url = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${this.#input.name}.log`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

function neighbour(lines: readonly HTMLElement[], chosen: HTMLElement, by: 1 | -1) {
  const follows = (line: HTMLElement) =>
    (chosen.compareDocumentPosition(line) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const at = lines.indexOf(chosen);
  if (at >= 0) return lines[at + by];
  return by === 1
    ? lines.find(follows)
    : lines.findLast((line) => line !== chosen && !follows(line));
}
