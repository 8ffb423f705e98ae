// Colours of a line as spans. ansi_up reads the codes; the nodes are made here from text alone, so that there is no way
// from a log line to HTML.
//
// 1. Only SGR codes (colour, weight) reach ansi_up. OSC and other strings, and cursor movement, are taken out before;
//    an escape that is none of these is shown as a sign.
// 2. Every colour becomes one of eight, which have contrast in both schemes.
import { AnsiUp } from "ansi_up";
import { plain } from "../text/plain.ts";

interface Colour {
  readonly rgb: readonly number[];
  readonly class_name: string;
}
interface Piece {
  readonly text: string;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly fg: Colour | null;
  readonly bg: Colour | null;
}

/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: escape sequences begin with one */
const STRINGS = /\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const CONTROLS = /\u001b\[[0-9;:?]*[ -/]*[@-ln-~]/g;
const STRAY = /\u001b(?!\[[0-9;]*m)/g;
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: escape sequences begin with one */

/** ansi_up, asked for its pieces instead of its HTML. */
class Reader extends (AnsiUp as unknown as new () => { ansi_to_html(text: string): string }) {
  pieces: Piece[] = [];
  transform_to_html(piece: Piece): string {
    this.pieces.push(piece);
    return "";
  }
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

function nameOf({ rgb, class_name }: Colour): string {
  const named = /^ansi-(?:bright-)?(\w+)$/.exec(class_name)?.[1];
  if (named) return named;
  const most = Math.max(...rgb);
  const least = Math.min(...rgb);
  if (most - least < 40) return most < 96 ? "black" : "white";
  const middle = (most + least) / 2;
  const bits = rgb.reduce((sum, part, bit) => sum + (part > middle ? 1 << bit : 0), 0);
  return NAMES[bits] ?? "white";
}

function classesOf(piece: Piece): string {
  const weights = (["bold", "faint", "italic", "underline"] as const).filter((one) => piece[one]);
  const colours = [piece.fg && `fg-${nameOf(piece.fg)}`, piece.bg && `bg-${nameOf(piece.bg)}`];
  return [...weights, ...colours.filter(Boolean)].join(" ");
}

/** Puts the text of a line into `target`, coloured where it says so. */
export function fillColoured(target: HTMLElement, text: string): void {
  const reader = new Reader();
  const clean = text.replace(STRINGS, "").replace(CONTROLS, "").replace(STRAY, "\u241b");
  reader.ansi_to_html(clean);
  for (const piece of reader.pieces) {
    const classes = classesOf(piece);
    const shown = plain(piece.text);
    if (classes === "") {
      target.append(shown);
      continue;
    }
    const span = document.createElement("span");
    span.className = classes;
    span.textContent = shown;
    target.append(span);
  }
}
