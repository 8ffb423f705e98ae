// Begins a session, with the code of a sign-in link (which is spent by it) or with a token.
//
// 1. Every failure does the same work and is answered with the same words.
// 2. Wrong ones are counted by address, and refused after too many.
import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateSession, WhoamiView } from "../../../protocol/rest.ts";
import { sha256Hex } from "../../db/bytes.ts";
import { insertSession, redeemCode, type SessionRow } from "../../db/sessions.ts";
import { actorOf, operatorMark, readToken, SESSION_MS, selectKnown } from "../authenticate.ts";
import { roleOf } from "../authorise.ts";
import type { Call } from "../call.ts";
import { mintToken } from "../credentials.ts";
import { guarded } from "../limit.ts";
import { newId } from "../seed.ts";
import { describe } from "../whoami.ts";

type Begun = Pick<SessionRow, "hash" | "id" | "createdAt" | "expiresAt">;

async function withToken(call: Call, text: string, begun: Begun): Promise<SessionRow> {
  const who = await readToken(call, text);
  const asked = selectKnown(call, who);
  const actor = actorOf(call, who, asked ? (await asked)[0] : undefined);
  const tokenId = actor.kind === "token" ? actor.tokenId : null;
  const row = {
    ...begun,
    projectId: actor.kind === "token" ? actor.projectId : null,
    role: roleOf(actor),
    name: actor.name,
    tokenId,
    operatorMark: tokenId === null ? await operatorMark(call) : null,
  };
  await insertSession(call.db, row);
  return row;
}

async function begin(call: Call, input: CreateSession, begun: Begun): Promise<SessionRow | null> {
  if ("code" in input) {
    return redeemCode(call.db, { codeHash: await sha256Hex(input.code), session: begun });
  }
  return withToken(call, input.token.trim(), begun).catch((error: unknown) => {
    if (error instanceof ProblemError && error.code === "unauthenticated") return null;
    throw error;
  });
}

/** `secret` is for the cookie alone. */
export async function beginSession(
  call: Call,
  input: CreateSession,
  address: string,
): Promise<{ readonly secret: string; readonly view: WhoamiView }> {
  const { hash, text } = await mintToken("session");
  const id = newId(call, "session");
  const begun = { hash, id, createdAt: call.now, expiresAt: call.now + SESSION_MS };
  const session = await guarded(
    call,
    { what: "sign_in", who: address },
    { run: () => begin(call, input, begun), isWrong: (made) => made === null },
  );
  if (!session) {
    throw new ProblemError(
      "unauthenticated",
      "code" in input
        ? "This sign-in link was used already or is too old; make a new one."
        : "The token is unknown, revoked or expired.",
    );
  }
  return { secret: text, view: await describe(call, session) };
}
