// Checks who connects: a short-lived assertion, signed with the key that the host showed when it joined.
import { decodeJwt, importJWK, jwtVerify } from "jose";

const LIFE_S = 60;
const SKEW_S = 300;
const AUDIENCE = "coppice";

/** The token of an `Authorization: Bearer …` header. */
export function bearerOf(request: Request): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

/** Who it claims to come from; proves nothing. */
export function claimedHost(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}

export async function verifyAssertion(
  token: string,
  expected: { readonly hostId: string; readonly publicKey: string; readonly now: number },
): Promise<boolean> {
  try {
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x: expected.publicKey }, "EdDSA");
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["EdDSA"],
      issuer: expected.hostId,
      audience: AUDIENCE,
      clockTolerance: SKEW_S,
      currentDate: new Date(expected.now),
      requiredClaims: ["iat", "exp"],
    });
    const { iat = 0, exp = 0 } = payload;
    return exp - iat <= LIFE_S && iat <= expected.now / 1_000 + SKEW_S;
  } catch {
    return false;
  }
}
