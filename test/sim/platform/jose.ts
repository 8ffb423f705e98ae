// The three functions of jose that the objects use, answered at once: the real ones wait for threads, whose order
// no seed decides. Signatures are checked for real.
import { createPublicKey, type KeyObject, verify } from "node:crypto";

interface Claims {
  readonly iss?: string;
  readonly aud?: string;
  readonly iat?: number;
  readonly exp?: number;
}

function part(token: string, index: number): string {
  return token.split(".")[index] ?? "";
}

export function decodeJwt(token: string): Claims {
  return JSON.parse(Buffer.from(part(token, 1), "base64url").toString()) as Claims;
}

const keys = new Map<string, KeyObject>();

export async function importJWK(jwk: { x: string }): Promise<KeyObject> {
  let key = keys.get(jwk.x);
  if (key === undefined) {
    key = createPublicKey({ key: jwk as never, format: "jwk" });
    keys.set(jwk.x, key);
  }
  return key;
}

export async function jwtVerify(
  token: string,
  key: KeyObject,
  expected: { issuer: string; audience: string; clockTolerance: number; currentDate: Date },
): Promise<{ payload: Claims }> {
  const payload = decodeJwt(token);
  const signed = Buffer.from(token.slice(0, token.lastIndexOf(".")));
  if (!verify(null, signed, key, Buffer.from(part(token, 2), "base64url")))
    throw new Error("signature");
  const now = expected.currentDate.getTime() / 1_000;
  if (payload.iss !== expected.issuer || payload.aud !== expected.audience)
    throw new Error("claims");
  if ((payload.exp ?? 0) + expected.clockTolerance <= now) throw new Error("expired");
  return { payload };
}
