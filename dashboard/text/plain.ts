// Text from programs, repositories and users, made harmless to read: nothing in it may turn the line around, hide, or
// act as a control. It stays text everywhere; this only makes visible what would be invisible.

/** Direction marks and overrides, and what has no width: they could make a name look like another. */
const INVISIBLE =
  /[\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
/** C0 but tab, DEL and C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

function shown(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** One line of foreign text. */
export function plain(text: string): string {
  return text.replace(CONTROL, shown).replace(INVISIBLE, shown);
}

/** Foreign text cut to `chars`, with an ellipsis where something is missing. */
export function clipped(text: string, chars: number): string {
  return plain(text.length > chars ? `${text.slice(0, chars - 1)}…` : text);
}

/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: escape sequences begin with one */
const ESCAPES = /\u001b(?:\[[0-9;:?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: escape sequences begin with one */

/** Without colours and other commands to a terminal. */
export function uncoloured(text: string): string {
  return plain(text.replace(ESCAPES, ""));
}
