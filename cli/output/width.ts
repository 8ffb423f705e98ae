// How many columns a text takes in a terminal, and cutting it to fewer. Colour codes take none.

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour codes
const COLOUR = /\u001b\[\d+m/g;
const MARK = /\p{Mark}|[\u200b-\u200d]|[\ufe00-\ufe0f]/u;

/** East Asian wide and emoji, roughly as terminals have it. */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

function charWidth(char: string): number {
  if (MARK.test(char)) return 0;
  return isWide(char.codePointAt(0) ?? 0) ? 2 : 1;
}

export function widthOf(text: string): number {
  const plain = text.replace(COLOUR, "");
  // Printable ASCII is the rule, and quick.
  if (/^[ -~]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const char of plain) width += charWidth(char);
  return width;
}

export function padTo(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** Cut with an ellipsis where it is too wide; a cut text loses its colours. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = "";
  let used = 0;
  for (const char of text.replace(COLOUR, "")) {
    const next = charWidth(char);
    if (used + next > width - 1) break;
    taken += char;
    used += next;
  }
  return `${taken.trimEnd()}…`;
}
