// Known secret values in output are covered before it leaves this host: the control plane, which stores it, never gets them.
//
// 1. A mask is exactly as long as what it covers and touches no newline: every byte range, line and mark stays true.
// 2. Values shorter than 8 bytes are not looked for: they would cover half of every log.
// 3. A value that is cut by the end of what is known is covered as far as it got, from 8 bytes on.
// 4. Wu-Manber over blocks of two bytes: most of the text is skipped, however many values there are.
const LEAST_BYTES = 8;
const NEWLINE = 10;
const CARRIAGE = 13;
const STAR = 42;
const BLOCK = 2;
/** The longest form that is looked for: so far a look goes beyond a range, on both sides. */
export const MOST_MASKED_BYTES = 65_536;

export interface Secret {
  readonly name: string;
  readonly value: string;
}

interface Needle {
  readonly bytes: Buffer;
  /** What stands over it where there is room: `[NAME]`, then stars. */
  readonly cover: Buffer;
}

function coverOf(name: string, length: number): Buffer {
  const cover = Buffer.alloc(length, STAR);
  const label = Buffer.from(`[${name}]`);
  if (label.length <= length) label.copy(cover);
  return cover;
}

/** The value itself, as it stands inside of JSON, and each of its lines: programs print them in these ways too. */
function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/);
  const json = JSON.stringify(value).slice(1, -1);
  return [value, ...(json === value ? [] : [json]), ...(lines.length > 1 ? lines : [])];
}

function needlesOf(secrets: readonly Secret[]): Needle[] {
  const byValue = new Map<string, Needle>();
  for (const { name, value } of secrets) {
    for (const form of formsOf(value)) {
      const bytes = Buffer.from(form);
      const fits = bytes.length >= LEAST_BYTES && bytes.length <= MOST_MASKED_BYTES;
      if (!fits || byValue.has(form)) continue;
      byValue.set(form, { bytes, cover: coverOf(name, bytes.length) });
    }
  }
  // The longest first: where two begin at the same byte, it covers the other.
  return [...byValue.values()].sort((a, b) => b.bytes.length - a.bytes.length);
}

/** Where a needle stands in the bytes; its end may lie beyond them. */
interface Found {
  readonly at: number;
  readonly needle: Needle;
}

const pair = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8);

export class Masker {
  readonly #needles: readonly Needle[];
  /** By the two bytes that end a window: how far it may move on. */
  readonly #shift = new Uint8Array(65_536);
  readonly #endingWith = new Map<number, Needle[]>();
  readonly #beginningWith = new Map<number, Needle[]>();
  /** So many bytes before and after a range decide what is covered in it. */
  readonly contextBytes: number;

  constructor(secrets: readonly Secret[]) {
    this.#needles = needlesOf(secrets);
    this.contextBytes = Math.max(0, ...this.#needles.map(({ bytes }) => bytes.length - 1));
    this.#shift.fill(LEAST_BYTES - BLOCK + 1);
    for (const needle of this.#needles) {
      for (let at = 0; at <= LEAST_BYTES - BLOCK; at++) {
        const block = pair(needle.bytes, at);
        this.#shift[block] = Math.min(this.#shift[block]!, LEAST_BYTES - BLOCK - at);
      }
      const push = (map: Map<number, Needle[]>, block: number) =>
        map.set(block, [...(map.get(block) ?? []), needle]);
      push(this.#endingWith, pair(needle.bytes, LEAST_BYTES - BLOCK));
      push(this.#beginningWith, pair(needle.bytes, 0));
    }
  }

  get isEmpty(): boolean {
    return this.#needles.length === 0;
  }

  /** Every place where a whole needle stands. */
  #whole(text: Buffer): Found[] {
    const found: Found[] = [];
    const last = text.length - LEAST_BYTES;
    for (let at = 0; at <= last; ) {
      const block = pair(text, at + LEAST_BYTES - BLOCK);
      const skip = this.#shift[block]!;
      if (skip > 0) {
        at += skip;
        continue;
      }
      for (const needle of this.#endingWith.get(block) ?? []) {
        const end = at + needle.bytes.length;
        if (end <= text.length && text.compare(needle.bytes, 0, needle.bytes.length, at, end) === 0)
          found.push({ at, needle });
      }
      at += 1;
    }
    return found;
  }

  /** Every place from which a needle goes on beyond the end. */
  #cutOff(text: Buffer): Found[] {
    const found: Found[] = [];
    const from = Math.max(0, text.length - this.contextBytes);
    for (let at = from; at <= text.length - LEAST_BYTES; at++) {
      for (const needle of this.#beginningWith.get(pair(text, at)) ?? []) {
        const here = text.length - at;
        if (
          here < needle.bytes.length &&
          needle.bytes.compare(text, at, text.length, 0, here) === 0
        )
          found.push({ at, needle });
      }
    }
    return found;
  }

  /**
   * The bytes `from..to` of the text, covered. What stands around them in the text is looked at, so that a value over a
   * border is found from both sides; the text itself is not changed.
   */
  mask(text: Buffer, range: { readonly from: number; readonly to: number }): Buffer {
    const { from, to } = range;
    const plain = text.subarray(from, to);
    if (this.isEmpty) return plain;
    const found = [...this.#whole(text), ...this.#cutOff(text)];
    if (found.length === 0) return plain;
    const masked = Buffer.from(plain);
    const covered = new Uint8Array(plain.length);
    for (const { at, needle } of found.sort(
      (a, b) => b.needle.bytes.length - a.needle.bytes.length,
    )) {
      const end = Math.min(at + needle.bytes.length, to);
      for (let i = Math.max(at, from); i < end; i++) {
        const byte = text[i]!;
        const here = i - from;
        if (byte === NEWLINE || byte === CARRIAGE || covered[here]) continue;
        covered[here] = 1;
        masked[here] = needle.cover[i - at]!;
      }
    }
    return masked;
  }

  /** A text of which all is known but what stood before it: a line's end of a value is covered from 8 bytes on. */
  maskText(text: string): string {
    if (this.isEmpty || text === "") return text;
    const bytes = Buffer.from(text);
    const masked = this.mask(bytes, { from: 0, to: bytes.length });
    for (const { bytes: needle } of this.#needles) {
      const most = Math.min(needle.length - 1, bytes.length);
      for (let length = most; length >= LEAST_BYTES; length--) {
        if (needle.compare(bytes, 0, length, needle.length - length) !== 0) continue;
        for (let i = 0; i < length; i++) if (masked[i] !== NEWLINE) masked[i] = STAR;
        break;
      }
    }
    return masked.toString();
  }

  /** Lines that stood one after the other: a value may go over several. */
  maskLines(lines: readonly string[]): string[] {
    if (this.isEmpty || lines.length === 0) return [...lines];
    return this.maskText(lines.join("\n")).split("\n");
  }
}

export const NO_MASKER = new Masker([]);
