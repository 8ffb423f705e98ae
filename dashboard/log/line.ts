// One line as nodes. Text only: nothing here parses HTML. Long lines are cut, the rest comes on demand, piece by piece.
import { plain } from "../text/plain.ts";
import { fillColoured } from "./ansi.ts";
import { kindOf } from "./kind.ts";

export interface Row {
  readonly at: string;
  readonly text: string;
  readonly cursor: string;
  readonly stream?: "stdout" | "stderr" | "system";
  readonly slot?: number | null;
  readonly release?: number | null;
}

const SHOWN_CHARS = 2_000;
const MORE_CHARS = 20_000;

const two = (value: number) => String(value).padStart(2, "0");

function span(className: string, text: string): HTMLSpanElement {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

/** `12:03:04` with the milliseconds apart, so that narrow screens may leave them out. */
function timeOf(iso: string): HTMLElement {
  const at = new Date(iso);
  const time = span("t", `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`);
  time.append(span("ms", `.${String(at.getMilliseconds()).padStart(3, "0")}`));
  return time;
}

function fill(target: HTMLElement, text: string): void {
  if (text.includes("\u001b")) fillColoured(target, text);
  else target.append(plain(text));
}

/** The button behind a cut line. Each press shows a piece more, so that a megabyte never comes at once. */
function rest(target: HTMLElement, text: string, from: number): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "more-text";
  let at = from;
  const label = () => {
    button.textContent = `… ${(text.length - at).toLocaleString()} more characters`;
  };
  label();
  button.addEventListener("click", () => {
    const next = Math.min(text.length, at + MORE_CHARS);
    target.append(plain(text.slice(at, next)));
    at = next;
    if (at < text.length) label();
    else button.remove();
  });
  return button;
}

export function lineElement(row: Row): HTMLElement {
  const { stream = "stdout", slot = null, text } = row;
  const line = document.createElement("div");
  const kind = kindOf(stream, text);
  line.className = kind === "program" ? `line ${stream}` : `line ${kind}`;
  line.dataset.c = row.cursor;
  line.dataset.at = row.at;
  line.append(timeOf(row.at), " ");
  if (slot !== null) line.append(span("s", String(slot)), " ");
  const body = span("x", "");
  line.append(body);
  if (text.length <= SHOWN_CHARS) fill(body, text);
  else {
    fill(body, text.slice(0, SHOWN_CHARS));
    line.append(rest(body, text, SHOWN_CHARS));
  }
  return line;
}
