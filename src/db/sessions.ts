// Queries of browser sessions and of the links that begin them.
import { eq, lt, sql } from "drizzle-orm";
import type { Db } from "./client.ts";
import { runBatch, type Statement } from "./guard.ts";
import { attempts } from "./schema/attempts.ts";
import { deviceCodes } from "./schema/device-codes.ts";
import { type SessionRow, type SignInCodeRow, sessions, signInCodes } from "./schema/sessions.ts";
import { tokens } from "./schema/tokens.ts";

export type { SessionRow, SignInCodeRow } from "./schema/sessions.ts";

export interface FoundSession {
  readonly session: SessionRow;
  /** Whether the token that it hangs on is there, and how that ends. */
  readonly token: {
    readonly known: number;
    readonly revokedAt: number | null;
    readonly expiresAt: number | null;
  };
}

/** In a batch D1 gives rows by the names of their columns, so each needs one of its own. */
const itsToken = {
  known: sql<number>`${tokens.id} IS NOT NULL`.as("token_known"),
  revokedAt: sql<number | null>`${tokens.revokedAt}`.as("token_revoked_at"),
  expiresAt: sql<number | null>`${tokens.expiresAt}`.as("token_expires_at"),
};

/** Finds a session by its hash, also one that is over; to be run alone or in a batch. */
export function selectSession(db: Db, hash: string) {
  return db
    .select({ session: sessions, token: itsToken })
    .from(sessions)
    .leftJoin(tokens, eq(tokens.id, sessions.tokenId))
    .where(eq(sessions.hash, hash))
    .limit(1);
}

export async function insertSession(db: Db, row: SessionRow): Promise<void> {
  await db.insert(sessions).values(row);
}

export async function deleteSession(db: Db, hash: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.hash, hash));
}

/** Moves the end of a session on, where that was not done just now. */
export async function extendSession(
  db: Db,
  input: { readonly hash: string; readonly expiresAt: number; readonly atLeastMs: number },
): Promise<void> {
  await db.run(sql`UPDATE ${sessions} SET expires_at = ${input.expiresAt}
    WHERE hash = ${input.hash} AND expires_at < ${input.expiresAt - input.atLeastMs}`);
}

export async function insertSignInCode(
  db: Db,
  row: SignInCodeRow,
  more: readonly Statement[],
): Promise<void> {
  await runBatch(db, [db.insert(signInCodes).values(row), ...more]);
}

/** Spends a code and begins the session, both or neither; null where the code is unknown, used or over. */
export async function redeemCode(
  db: Db,
  input: {
    readonly codeHash: string;
    readonly session: Pick<SessionRow, "hash" | "id" | "createdAt" | "expiresAt">;
  },
): Promise<SessionRow | null> {
  const { codeHash, session } = input;
  await runBatch(db, [
    db.run(sql`UPDATE ${signInCodes} SET used_by = ${session.id}
      WHERE hash = ${codeHash} AND used_by IS NULL AND expires_at > ${session.createdAt}`),
    db.run(sql`
      INSERT INTO ${sessions} (hash, id, project_id, role, name, token_id, operator_mark, created_at, expires_at)
      SELECT ${session.hash}, ${session.id}, project_id, role, name, token_id, operator_mark,
        ${session.createdAt}, ${session.expiresAt}
      FROM ${signInCodes} WHERE hash = ${codeHash} AND used_by = ${session.id}`),
  ]);
  return (await selectSession(db, session.hash))[0]?.session ?? null;
}

/** Drops what is over of all that lives for a while only. */
export async function forgetExpired(db: Db, now: number): Promise<void> {
  await db.batch([
    db.delete(sessions).where(lt(sessions.expiresAt, now)),
    db.delete(signInCodes).where(lt(signInCodes.expiresAt, now)),
    db.delete(deviceCodes).where(lt(deviceCodes.expiresAt, now)),
    db.delete(attempts).where(lt(attempts.until, now)),
  ]);
}
