// HMAC-SHA-256 over exactly the bytes that came. Compared in a time that does not depend on where they differ.
import { toHex, utf8 } from "../../db/bytes.ts";

async function mac(secret: string, parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey(
    "raw",
    utf8(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, all));
}

/** In the one form that two of the same have: digits of a signature may be written large. */
export function canonicalSignature(header: string | undefined): string {
  return (header ?? "").trim().toLowerCase();
}

/** `sha256=` and 64 digits, as both kinds of hook send it. Anything else is compared too, and is never right. */
export async function isSignedBy(
  secret: string,
  parts: readonly Uint8Array[],
  header: string | undefined,
): Promise<boolean> {
  const wanted = utf8(`sha256=${toHex(await mac(secret, parts))}`);
  const given = utf8(canonicalSignature(header));
  const same = new Uint8Array(wanted.length);
  same.set(given.subarray(0, wanted.length));
  return crypto.subtle.timingSafeEqual(same, wanted) && given.length === wanted.length;
}
