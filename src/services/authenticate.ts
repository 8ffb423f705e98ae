// Who calls: a bearer token, the operator's secret, or the session of a browser.
//
// 1. A session is worth no more than what it hangs on: a token that was revoked or expired, or another operator's
//    secret, ends it.
// 2. A token that was sent is judged alone: a cookie never makes up for a wrong one.
import { ProblemError } from "../../protocol/problems.ts";
import { sha256Hex } from "../db/bytes.ts";
import { extendSession, type FoundSession, selectSession } from "../db/sessions.ts";
import { selectToken, type TokenRow, touchToken } from "../db/tokens.ts";
import type { Actor } from "./authorise.ts";
import type { Call } from "./call.ts";
import { hashToken, sameSecret } from "./credentials.ts";

export const SESSION_MS = 30 * 86_400_000;
/** A session's end is moved on at most this often. */
const EXTEND_EVERY_MS = 86_400_000;
const NOTE_USE_EVERY_MS = 600_000;

export interface Credentials {
  readonly authorization: string | undefined;
  /** The session of the cookie. */
  readonly session: string | undefined;
}

export type Who =
  | { readonly kind: "operator" }
  | { readonly kind: "token"; readonly hash: string }
  | { readonly kind: "session"; readonly hash: string; readonly operatorMark: string };

/** What the store knows of the caller. */
export type Known = TokenRow | FoundSession | undefined;

/** Tells one operator's secret from another without telling it. */
export function operatorMark({ env }: Call): Promise<string> {
  return sha256Hex(
    [env.COPPICE_MASTER_KEY, "operator", env.COPPICE_OPERATOR_TOKEN ?? ""].join("\n"),
  );
}

export async function readCredential(call: Call, given: Credentials): Promise<Who> {
  if (given.authorization === undefined && given.session !== undefined) {
    const hash = await hashToken("session", given.session);
    if (!hash) throw sessionOver();
    return { kind: "session", hash, operatorMark: await operatorMark(call) };
  }
  const bearer = /^Bearer +(\S+) *$/i.exec(given.authorization ?? "")?.[1];
  if (!bearer) {
    throw new ProblemError(
      "unauthenticated",
      "Send `Authorization: Bearer` followed by a token of this control plane.",
    );
  }
  return readToken(call, bearer);
}

export async function readToken(call: Call, text: string): Promise<Who> {
  const operator = call.env.COPPICE_OPERATOR_TOKEN;
  if (operator && (await sameSecret(text, operator))) return { kind: "operator" };
  const hash = await hashToken("api", text);
  if (!hash) throw unknownToken();
  return { kind: "token", hash };
}

/** What to ask the store about the caller, to be run in a batch; null for the operator. */
export function selectKnown({ db }: Call, who: Who) {
  if (who.kind === "operator") return null;
  return who.kind === "token" ? selectToken(db, who.hash) : selectSession(db, who.hash);
}

/** Throws `unauthenticated` for whatever is not worth anything now. */
export function actorOf(call: Call, who: Who, known: Known): Actor {
  switch (who.kind) {
    case "operator":
      return { kind: "operator", id: "operator", name: "operator" };
    case "token":
      return tokenActor(call, known as TokenRow | undefined);
    case "session":
      return sessionActor(call, who, known as FoundSession | undefined);
  }
}

function unknownToken(): ProblemError {
  return new ProblemError(
    "unauthenticated",
    "The token is unknown, revoked or expired; ask an admin of the project for a new one.",
  );
}

function sessionOver(): ProblemError {
  return new ProblemError("unauthenticated", "The session is over; sign in again.");
}

function isOver({ now }: Call, token: Pick<TokenRow, "revokedAt" | "expiresAt">): boolean {
  return token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now);
}

function tokenActor(call: Call, token: TokenRow | undefined): Actor {
  if (!token || isOver(call, token)) throw unknownToken();
  if (token.lastUsedAt === null || token.lastUsedAt < call.now - NOTE_USE_EVERY_MS) {
    call.later(touchToken(call.db, { id: token.id, at: call.now, everyMs: NOTE_USE_EVERY_MS }));
  }
  const { id, name, role, projectId } = token;
  return { kind: "token", id, name, role, projectId, tokenId: id };
}

function sessionActor(
  call: Call,
  who: Extract<Who, { kind: "session" }>,
  found: FoundSession | undefined,
): Actor {
  if (!found || found.session.expiresAt <= call.now) throw sessionOver();
  const { session, token } = found;
  const isWorth =
    session.tokenId === null
      ? session.operatorMark === who.operatorMark
      : token.known === 1 && !isOver(call, token);
  if (!isWorth) throw sessionOver();
  const expiresAt = call.now + SESSION_MS;
  if (session.expiresAt < expiresAt - EXTEND_EVERY_MS) {
    const { hash } = who;
    call.later(extendSession(call.db, { hash, expiresAt, atLeastMs: EXTEND_EVERY_MS }));
  }
  const { id, name, role, projectId, tokenId } = session;
  if (projectId === null || role === "operator") {
    if (projectId !== null || role !== "operator" || tokenId !== null) throw sessionOver();
    return { kind: "operator", id: "operator", name: "operator" };
  }
  return { kind: "token", id, name, role, projectId, tokenId };
}
