// A host joins by a join token, which is spent in the same batch that makes the host.
//
// 1. Of many that come with one token, one wins.
// 2. A repeat by the winner (same key, same name; the answer was lost) is answered like the first.

import { ProblemError } from "../../../protocol/problems.ts";
import type { JoinAnswer, JoinRequest } from "../../../protocol/rest.ts";
import { type JoinState, joinHost } from "../../db/hosts.ts";
import type { Call } from "../call.ts";
import { hashToken } from "../credentials.ts";
import { settleHost } from "../hosts/settle.ts";
import { orNull } from "../reach.ts";
import { newId } from "../seed.ts";

const REGISTER_WAIT_MS = 5_000;

function unknownToken(): ProblemError {
  return new ProblemError(
    "unauthenticated",
    "The join token is unknown or expired; make a new one with `coppice hosts add`.",
  );
}

/** Why the state after the try does not let this host in; null where it does. */
function refusal(state: JoinState, input: JoinRequest, now: number): ProblemError | null {
  const { token, host } = state;
  if (host) {
    const same = host.publicKey === input.publicKey && host.name === input.name;
    return same && host.removedAt === null
      ? null
      : new ProblemError("join_token_spent", "A join token lets one host in; make a new one.");
  }
  if (token.expiresAt <= now) return unknownToken();
  return new ProblemError("name_taken", `A host of this project is called ${input.name} already.`, [
    { path: "name", message: "is taken" },
  ]);
}

export async function joinAsHost(call: Call, input: JoinRequest): Promise<JoinAnswer> {
  const tokenHash = await hashToken("join", input.token);
  if (!tokenHash) throw unknownToken();
  const { name, publicKey, capacity, facts, labels = {}, region = null } = input;
  const state = await joinHost(call.db, {
    tokenHash,
    host: {
      id: newId(call, "host"),
      ...{ name, publicKey, capacity, facts, labels, region },
      joinedAt: call.now,
    },
    audit: { id: newId(call, "audit"), requestId: call.requestId },
  });
  if (!state) throw unknownToken();
  const refused = refusal(state, input, call.now);
  if (refused) throw refused;
  const host = state.host!;
  if (host.registeredAt === null) await orNull(settleHost(call, host), REGISTER_WAIT_MS);
  return { hostId: host.id, projectId: host.projectId, project: state.project, name: host.name };
}
