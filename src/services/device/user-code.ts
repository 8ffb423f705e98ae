// The code that a person compares: eight letters that are hard to confuse and spell nothing.
import { randomBytes } from "../../db/bytes.ts";

const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;
const FAIR = 256 - (256 % LETTERS.length);

export function newUserCode(): string {
  let code = "";
  while (code.length < LENGTH) {
    for (const byte of randomBytes(2 * LENGTH)) {
      if (byte < FAIR && code.length < LENGTH) code += LETTERS[byte % LETTERS.length];
    }
  }
  return code;
}

export function showUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** As it is stored, however it was typed. */
export function readUserCode(typed: string): string {
  return typed
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, "")
    .slice(0, LENGTH + 1);
}
