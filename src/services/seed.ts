// Where the ids of a create come from: from chance, or from what an Idempotency-Key claimed, so that a repeat
// makes the same ids and the conflict on the id makes it harmless.

import { type Id, type IdKind, makeId } from "../../protocol/ids.ts";
import { ProblemError } from "../../protocol/problems.ts";
import { fromBase64, randomBytes, sha256Hex, toBase64 } from "../db/bytes.ts";
import { claimKey, keepAnswer } from "../db/idempotency.ts";
import type { Call } from "./call.ts";

export interface Seed {
  /** ms since the epoch: when the create was asked for first. */
  readonly at: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** The client's own key, for secrets that must come out the same again. */
  readonly key: string | null;
}

export function freshSeed(call: Call): Seed {
  return { at: call.now, random: randomBytes(32), key: null };
}

/** Up to three ids from one seed: `nth` is 0, 1 or 2. */
export function seededId<K extends IdKind>(seed: Seed, kind: K, nth: 0 | 1 | 2): Id<K> {
  return makeId(kind, seed.at, seed.random.subarray(nth * 10, nth * 10 + 10));
}

/** A seed of its own for each thing that one request makes; the same again for a repeat. */
export async function seedFor({ at, key, random }: Seed, name: string): Promise<Seed> {
  const bytes = new TextEncoder().encode(`|${name}`);
  const input = new Uint8Array(random.length + bytes.length);
  input.set(random);
  input.set(bytes, random.length);
  return { at, key, random: new Uint8Array(await crypto.subtle.digest("SHA-256", input)) };
}

export function newId<K extends IdKind>(call: Call, kind: K): Id<K> {
  return makeId(kind, call.now, randomBytes(10));
}

/** The Idempotency-Key of a request, with all that tells one request from another. */
export interface RepeatKey {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Keyed, because a body may hold secrets that are easy to guess. */
function fingerprintOf(call: Call, { key, method, path, body }: RepeatKey): Promise<string> {
  return sha256Hex([call.env.COPPICE_MASTER_KEY, key, method, path, body].join("\n"));
}

/**
 * Runs a create once per key. `kept: true` stores the answer and replays it; `false` is for answers that show a
 * secret: the verb runs again with the same seed, and must come to the same answer by itself.
 */
export async function once<T>(
  admitted: { readonly call: Call; readonly actor: { readonly id: string } },
  repeat: RepeatKey | null,
  verb: { readonly kept: boolean; readonly run: (seed: Seed) => Promise<T> },
): Promise<T> {
  const { call, actor } = admitted;
  if (!repeat) return verb.run(freshSeed(call));
  const keyHash = await sha256Hex(repeat.key);
  const fingerprint = await fingerprintOf(call, repeat);
  const claim = await claimKey(call.db, {
    actor: actor.id,
    keyHash,
    fingerprint,
    seed: toBase64(randomBytes(32)),
    createdAt: call.now,
  });
  if (claim.fingerprint !== fingerprint) {
    throw new ProblemError(
      "idempotency_mismatch",
      "Use a new Idempotency-Key for a new request; repeat a request with exactly the same address and body.",
    );
  }
  if (claim.answer !== null) return claim.answer as T;
  const seed = { at: claim.createdAt, random: fromBase64(claim.seed), key: repeat.key };
  const answer = await verb.run(seed);
  if (!verb.kept) return answer;
  return (await keepAnswer(call.db, { actor: actor.id, keyHash }, answer)) as T;
}
