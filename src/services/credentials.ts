// Secrets as text: `cop_` (API), `cop_join_` (hosts), `cop_in_` (sign-in links) and so on, 24 random bytes in hex,
// a checksum of 4 bytes.
// The checksum turns a mistyped token away without a look into D1; only the SHA-256 of a token is stored.
import { fromBase64, randomBytes, sha256Hex, toHex, utf8 } from "../db/bytes.ts";

export const TOKEN_PREFIXES = {
  api: "cop_",
  join: "cop_join_",
  signIn: "cop_in_",
  session: "cop_ses_",
  device: "cop_dev_",
  hook: "cop_hook_",
} as const;
export type TokenKind = keyof typeof TOKEN_PREFIXES;

const SECRET_BYTES = 24;
const CHECK_CHARS = 8;

export interface MintedToken {
  readonly text: string;
  readonly hash: string;
}

async function format(kind: TokenKind, secret: Uint8Array): Promise<MintedToken> {
  const body = TOKEN_PREFIXES[kind] + toHex(secret);
  const text = body + (await sha256Hex(body)).slice(0, CHECK_CHARS);
  return { text, hash: await sha256Hex(text) };
}

export async function mintToken(kind: TokenKind): Promise<MintedToken> {
  return format(kind, randomBytes(SECRET_BYTES));
}

/**
 * The token that belongs to a request with an Idempotency-Key: the same for the same key, and
 * unknown to whoever has only the database, or only the master key.
 */
export async function deriveToken(
  kind: TokenKind,
  input: { readonly masterKey: string; readonly id: string; readonly key: string },
): Promise<MintedToken> {
  const key = await crypto.subtle.importKey(
    "raw",
    fromBase64(input.masterKey),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const mac = await crypto.subtle.sign("HMAC", key, utf8(`token|${input.id}|${input.key}`));
  return format(kind, new Uint8Array(mac).subarray(0, SECRET_BYTES));
}

/** The stored hash of a well-formed token of that kind; null for anything else. */
export async function hashToken(kind: TokenKind, text: string): Promise<string | null> {
  const prefix = TOKEN_PREFIXES[kind];
  const split = prefix.length + 2 * SECRET_BYTES;
  if (text.length !== split + CHECK_CHARS || !text.startsWith(prefix)) return null;
  if (!/^[0-9a-f]+$/.test(text.slice(prefix.length))) return null;
  const check = (await sha256Hex(text.slice(0, split))).slice(0, CHECK_CHARS);
  return check === text.slice(split) ? sha256Hex(text) : null;
}

/** Compares two secrets by their digests, in a time that does not depend on where they differ. */
export async function sameSecret(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([
    crypto.subtle.digest("SHA-256", utf8(a)),
    crypto.subtle.digest("SHA-256", utf8(b)),
  ]);
  return crypto.subtle.timingSafeEqual(left, right);
}
