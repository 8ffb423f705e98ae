// Makes a token of a project; its text is shown once.

import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateToken, NewTokenView } from "../../../protocol/rest.ts";
import { insertToken } from "../../db/tokens.ts";
import type { Admitted } from "../admit.ts";
import { deriveToken, mintToken } from "../credentials.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId } from "../seed.ts";
import { tokenView } from "../views.ts";

/** Names under which Coppice itself stands in the timeline. */
const RESERVED = new Set(["operator", "coppice", "schedule"]);

export async function createToken(
  admitted: Admitted<"tokens.create">,
  input: CreateToken,
  seed: Seed,
): Promise<NewTokenView> {
  const { call, project, actor } = admitted;
  const name = input.name.trim();
  if (name === "" || RESERVED.has(name.toLowerCase()) || /\p{Cc}/u.test(name)) {
    throw new ProblemError("invalid_request", "Give the token a name of its own.", [
      { path: "name", message: "must be a printable name, and none of Coppice's own" },
    ]);
  }
  const id = seededId(seed, "token", 0);
  const minted =
    seed.key === null
      ? await mintToken("api")
      : await deriveToken("api", { masterKey: call.env.COPPICE_MASTER_KEY, id, key: seed.key });
  const row = {
    id,
    projectId: project.id,
    name,
    role: input.role,
    hash: minted.hash,
    createdBy: actor.name,
    createdAt: seed.at,
    expiresAt: input.expiresInS === undefined ? null : seed.at + input.expiresInS * 1_000,
    revokedAt: null,
    grantedBy: null,
    lastUsedAt: null,
  };
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: id,
    detail: { name, role: input.role },
    id: seededId(seed, "audit", 1),
  });
  await insertToken(call.db, row, audit);
  return { ...tokenView(row), token: minted.text };
}
