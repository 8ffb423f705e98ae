// Bounds on what may be tried only so often. Failures of guessing are counted, and everything that anybody may make.
import { ProblemError } from "../../protocol/problems.ts";
import { addAttempt, countAttempts } from "../db/attempts.ts";
import { sha256Hex } from "../db/bytes.ts";
import type { Call } from "./call.ts";

const LIMITS = {
  /** Wrong codes and tokens, by address. */
  sign_in: { most: 20, windowMs: 300_000 },
  /** Wrong device codes, by address. */
  claim: { most: 30, windowMs: 300_000 },
  /** Wrong user codes, by the session or token that asks. */
  user_code: { most: 10, windowMs: 900_000 },
  /** Calls to hooks that are none, by address. */
  hook_id: { most: 30, windowMs: 300_000 },
  /** Wrong signatures, by address and hook. */
  hook_signature: { most: 30, windowMs: 300_000 },
  /** Calls that are signed, by hook. */
  hook: { most: 120, windowMs: 600_000 },
  /** New device codes, by address. */
  device_code: { most: 30, windowMs: 600_000 },
} as const;
export type Limited = keyof typeof LIMITS;

/** Who tried: a person's address or an actor's id. Addresses of IPv6 count by their /64. */
export interface Attempt {
  readonly what: Limited;
  readonly who: string;
}

function keyOf(call: Call, { what, who }: Attempt): Promise<string> {
  return sha256Hex([call.env.COPPICE_MASTER_KEY, "attempt", what, who].join("\n"));
}

function tooMany(what: Limited): ProblemError {
  const minutes = LIMITS[what].windowMs / 60_000;
  return new ProblemError("rate_limited", `Too many attempts; wait up to ${minutes} minutes.`);
}

/** Runs a try that may be a guess: refused after too many wrong ones, counted where `isWrong` says so. */
export async function guarded<T>(
  call: Call,
  attempt: Attempt,
  guess: { readonly run: () => Promise<T>; readonly isWrong: (outcome: T) => boolean },
): Promise<T> {
  const key = await keyOf(call, attempt);
  const { most, windowMs } = LIMITS[attempt.what];
  if ((await countAttempts(call.db, key, call.now)) >= most) throw tooMany(attempt.what);
  const outcome = await guess.run();
  if (guess.isWrong(outcome)) await addAttempt(call.db, { key, now: call.now, windowMs });
  return outcome;
}

/** Counts each one, and refuses those beyond the bound. */
export async function bounded(call: Call, attempt: Attempt): Promise<void> {
  const key = await keyOf(call, attempt);
  const { most, windowMs } = LIMITS[attempt.what];
  const count = await addAttempt(call.db, { key, now: call.now, windowMs });
  if (count > most) throw tooMany(attempt.what);
}
