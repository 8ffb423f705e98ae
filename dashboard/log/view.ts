// The lines on the screen. Real DOM in blocks of 200 with `content-visibility: auto`: the browser lays out only what is
// seen, while Ctrl-F, selection and screen readers keep working on all of it.
//
// 1. Lines are added once per frame, at most PER_FRAME of them, however fast they come.
// 2. Scrolling up pauses: lines are then counted and held, not shown; nothing moves under the reader's eyes. So does
//    the browser's own search. Where the place moves by itself, because blocks are measured or let go, nothing pauses.
// 3. At most MOST_LINES stay while following. What is let go is always the oldest, so that what stands before the first
//    line is what can be loaded again.
import { signal } from "@preact/signals";
import { lineElement, type Row } from "./line.ts";

export const BLOCK_LINES = 200;
export const MOST_LINES = 20_000;
const PER_FRAME = 1_000;
const NEAR_END_PX = 24;
/** A scroll so soon after the reader did something is the reader's. */
const BY_READER_MS = 500;
/** Frames after the last lines until every block is measured and nothing moves by itself any more. */
const SETTLE_FRAMES = 3;
const READER_EVENTS = ["wheel", "touchmove", "keydown", "pointerdown", "pointermove"] as const;

interface Block {
  readonly element: HTMLElement;
  lines: number;
}

export class LogView {
  readonly paused = signal(false);
  /** New lines that wait while paused. */
  readonly waiting = signal(0);
  readonly empty = signal(true);
  /** Lines that were let go so far. */
  gone = 0;
  readonly #scroller: HTMLElement;
  readonly #blocks: Block[] = [];
  readonly #sizes: ResizeObserver;
  #lines = 0;
  #queue: Row[] = [];
  #frame = 0;
  #stuckAt = 0;
  #readerAt = Number.NEGATIVE_INFINITY;
  #settling = 0;

  constructor(scroller: HTMLElement) {
    this.#scroller = scroller;
    scroller.addEventListener("scroll", this.#scrolled, { passive: true });
    for (const name of READER_EVENTS)
      scroller.addEventListener(name, this.#touched, { passive: true });
    document.addEventListener("keydown", this.#searched);
    this.#sizes = new ResizeObserver(() => {
      if (!this.paused.value) this.#stick();
    });
    this.#sizes.observe(scroller);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#sizes.disconnect();
    this.#scroller.removeEventListener("scroll", this.#scrolled);
    for (const name of READER_EVENTS) this.#scroller.removeEventListener(name, this.#touched);
    document.removeEventListener("keydown", this.#searched);
    this.clear();
  }

  clear(): void {
    this.#queue = [];
    this.#blocks.length = 0;
    this.#lines = 0;
    this.#scroller.replaceChildren();
    this.waiting.value = 0;
    this.empty.value = true;
  }

  get lines(): number {
    return this.#lines;
  }

  /** Cursor of the first line that is held, shown or waiting; null where there is none. */
  get first(): string | null {
    const shown = this.#scroller.querySelector<HTMLElement>(".line")?.dataset.c;
    return shown ?? this.#queue[0]?.cursor ?? null;
  }

  push(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    for (const row of rows) this.#queue.push(row);
    if (this.#queue.length > 2 * MOST_LINES) this.#letGo();
    if (this.paused.value) this.waiting.value = this.#queue.length;
    else this.#schedule();
  }

  /** Too many wait: the oldest of them are let go and can be loaded again, with all that is shown before them. */
  #letGo(): void {
    const gone = this.#queue.splice(0, this.#queue.length - MOST_LINES);
    for (const block of this.#blocks.splice(0)) block.element.remove();
    this.gone += this.#lines + gone.length;
    this.#lines = 0;
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#flush);
  }

  readonly #flush = () => {
    this.#frame = 0;
    if (this.paused.value) return;
    if (this.#queue.length > 0) {
      this.#append(this.#queue.splice(0, PER_FRAME));
      while (this.#lines > MOST_LINES) this.#dropFirst();
      this.#settling = SETTLE_FRAMES;
    } else this.#settling--;
    this.#stick();
    if (this.#queue.length > 0 || this.#settling > 0) this.#schedule();
  };

  #append(rows: readonly Row[]): void {
    for (const row of rows) {
      let block = this.#blocks.at(-1);
      if (block === undefined || block.lines >= BLOCK_LINES) {
        if (block) closeBlock(block);
        block = newBlock();
        this.#blocks.push(block);
        this.#scroller.append(block.element);
      }
      block.element.append(lineElement(row));
      block.lines++;
      this.#lines++;
    }
    this.empty.value = false;
  }

  #dropFirst(): void {
    const block = this.#blocks.shift();
    if (block === undefined) return;
    block.element.remove();
    this.#lines -= block.lines;
    this.gone += block.lines;
  }

  /** Puts lines in front of all, and leaves what is seen where it is. */
  prepend(rows: readonly Row[]): void {
    const height = this.#scroller.scrollHeight;
    const blocks: Block[] = [];
    for (let at = 0; at < rows.length; at += BLOCK_LINES) {
      const part = rows.slice(at, at + BLOCK_LINES);
      const block = newBlock();
      block.element.append(...part.map(lineElement));
      block.lines = part.length;
      closeBlock(block);
      blocks.push(block);
    }
    this.#blocks.unshift(...blocks);
    this.#scroller.prepend(...blocks.map((block) => block.element));
    this.#lines += rows.length;
    if (rows.length > 0) this.empty.value = false;
    this.#scroller.scrollTop += this.#scroller.scrollHeight - height;
  }

  pause(): void {
    if (this.paused.value) return;
    this.paused.value = true;
    this.waiting.value = this.#queue.length;
    this.#scroller.classList.remove("following");
  }

  resume(): void {
    this.paused.value = false;
    this.waiting.value = 0;
    this.#scroller.classList.add("following");
    this.#stick();
    this.#schedule();
  }

  #stick(): void {
    const scroller = this.#scroller;
    scroller.scrollTop = scroller.scrollHeight;
    this.#stuckAt = scroller.scrollTop;
  }

  readonly #touched = (event: Event) => {
    if (event.type === "pointermove" && (event as PointerEvent).buttons === 0) return;
    this.#readerAt = performance.now();
  };

  /** Ctrl-F: the lines should stand still for it. */
  readonly #searched = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") this.pause();
  };

  /** Up by the reader (wheel, keys, touch, scroll bar) pauses; down to the end goes on. */
  readonly #scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    const byReader = performance.now() - this.#readerAt < BY_READER_MS || this.#settling <= 0;
    if (this.paused.value) {
      if (atEnd && this.#queue.length === 0 && scrollTop > this.#stuckAt) this.resume();
    } else if (!atEnd && byReader && scrollTop < this.#stuckAt - 2) {
      this.pause();
    }
    if (this.paused.value) this.#stuckAt = scrollTop;
  };
}

function newBlock(): Block {
  const element = document.createElement("div");
  element.className = "block";
  return { element, lines: 0 };
}

/**
 * A full block may be left out of the layout; this is what it measures until it was laid out once. One that still grows
 * may not: the browser would remember the size that it had while it was half full.
 */
function closeBlock({ element, lines }: Block): void {
  element.classList.add("full");
  element.style.containIntrinsicBlockSize = `auto ${lines * 1.5}em`;
}
