// Makes a join token: one host may join the project with it, within 15 minutes.

import { cloudInit, installCommand } from "../../../protocol/install.ts";
import type { JoinTokenView } from "../../../protocol/rest.ts";
import { insertJoinToken } from "../../db/hosts.ts";
import type { Admitted } from "../admit.ts";
import { deriveToken, mintToken } from "../credentials.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId } from "../seed.ts";
import { iso } from "../views.ts";

export const JOIN_TOKEN_MS = 15 * 60_000;

export async function inviteHost(
  admitted: Admitted<"join-tokens.create">,
  { seed, origin }: { readonly seed: Seed; readonly origin: string },
): Promise<JoinTokenView> {
  const { call, project, actor } = admitted;
  const id = seededId(seed, "joinToken", 0);
  const minted =
    seed.key === null
      ? await mintToken("join")
      : await deriveToken("join", { masterKey: call.env.COPPICE_MASTER_KEY, id, key: seed.key });
  const row = {
    id,
    projectId: project.id,
    hash: minted.hash,
    createdBy: actor.name,
    createdAt: seed.at,
    expiresAt: seed.at + JOIN_TOKEN_MS,
    usedAt: null,
    usedBy: null,
  };
  const auditId = seededId(seed, "audit", 1);
  const audit = auditRow(admitted, { projectId: project.id, target: id, id: auditId });
  await insertJoinToken(call.db, row, audit);
  const invitation = { origin, token: minted.text };
  return {
    id,
    token: minted.text,
    expiresAt: iso(row.expiresAt),
    command: installCommand(invitation),
    cloudInit: cloudInit(invitation),
  };
}
