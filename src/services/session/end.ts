// Ends a session. One that is over, or never was, ends like any other.
import { deleteSession } from "../../db/sessions.ts";
import type { Call } from "../call.ts";
import { hashToken } from "../credentials.ts";

export async function endSession(call: Call, secret: string | undefined): Promise<void> {
  const hash = secret === undefined ? null : await hashToken("session", secret);
  if (hash) await deleteSession(call.db, hash);
}
