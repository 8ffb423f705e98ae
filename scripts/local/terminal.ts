// What the launcher prints: one calm line at a time, colour only on a terminal that wants it.
import { stripVTControlCharacters, styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

const NAME_WIDTH = 9;

/** `name  text`, the name dim and in a column of its own. */
export function say(name: string, text: string, style?: Style): void {
  console.log(`${paint("dim", name.padEnd(NAME_WIDTH))} ${style ? paint(style, text) : text}`);
}

export function blank(): void {
  console.log("");
}

export function bold(text: string): string {
  return paint("bold", text);
}

/** A program's line as data: no terminal control in it, cut to `width` columns. */
export function plain(text: string, width: number): string {
  const clean = stripVTControlCharacters(text.replaceAll("\t", "  ")).replace(/\p{Cc}/gu, "");
  return clean.length > width ? `${clean.slice(0, width - 1)}…` : clean;
}
