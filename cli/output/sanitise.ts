// Text from elsewhere (logs, names, commit messages) is data: nothing in it may move the cursor, colour the screen, set
// the title, write to the clipboard or turn the direction of what is read.
//
// 1. Escape sequences are dropped whole, with what they carry; a lone control character is dropped too.
// 2. What turns direction or breaks lines invisibly is shown, as \u202e: a reader sees that something is there.
// 3. Tabs stay. Line ends stay only where the caller asks for lines.

const ESC = "\\u001b";
const SEQUENCES = new RegExp(
  [
    // OSC, DCS, SOS, PM, APC: up to BEL or ST; where the end is missing, all of the rest of the line.
    `(?:${ESC}[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c\\n]*(?:\\u0007|${ESC}\\\\|\\u009c)?`,
    // CSI: parameters, intermediates, final.
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]?`,
    // Two and three characters: charset, keypad, reset, save cursor.
    `${ESC}[ -/]*[0-~]?`,
  ].join("|"),
  "gu",
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;
const HIDDEN = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const shown = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Text that may have several lines. */
export function cleanText(text: string): string {
  return text.replace(SEQUENCES, "").replace(CONTROL, "").replace(HIDDEN, shown);
}

/** Text for one line: line ends become spaces. */
export function clean(text: string): string {
  return cleanText(text.replace(/\r\n|\r/g, "\n"))
    .replace(/\n+/g, " ")
    .replace(/\t/g, "  ");
}

/** JSON that is safe on a terminal too, with the same value. */
export function safeJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent)
    .replace(/[\u007f-\u009f]/gu, shown)
    .replace(HIDDEN, shown);
}
