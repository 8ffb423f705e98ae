// Hooks as the API shows them, and their secrets: sealed in the store, shown once.
import type { HookView } from "../../../protocol/rest.ts";
import { encryptVar, openVar } from "../../db/envelope.ts";
import type { HookRow } from "../../db/hooks.ts";
import type { ProjectRow } from "../../db/projects.ts";
import type { Call } from "../call.ts";
import { deriveToken, mintToken } from "../credentials.ts";
import { openKey } from "../env/keys.ts";
import { iso, isoOrNull } from "../views.ts";

const PATHS = { github: "github", generic: "deploy" } as const;

export function hookView(row: HookRow, origin: string): HookView {
  return {
    id: row.id,
    kind: row.kind,
    url: `${origin}/hooks/${PATHS[row.kind]}/${row.id}`,
    createdBy: row.createdBy,
    createdAt: iso(row.createdAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    lastOutcome: row.lastOutcome,
  };
}

const placeOf = (
  project: ProjectRow,
  { id, secretVersion }: Pick<HookRow, "id" | "secretVersion">,
) => ({
  ...{ projectId: project.id, ownerId: id, name: "secret", version: secretVersion },
});

/** A new secret as text, and sealed for that version of the hook's. The same again for the same Idempotency-Key. */
export async function makeSecret(
  call: Call,
  project: ProjectRow,
  hook: Pick<HookRow, "id" | "secretVersion">,
  key: string | null,
): Promise<{ readonly text: string; readonly iv: string; readonly ciphertext: string }> {
  const { COPPICE_MASTER_KEY: masterKey } = call.env;
  const id = `${hook.id}|${hook.secretVersion}`;
  const { text } =
    key === null ? await mintToken("hook") : await deriveToken("hook", { masterKey, id, key });
  const sealed = await encryptVar(await openKey(call, project), placeOf(project, hook), text);
  return { text, iv: sealed.iv, ciphertext: sealed.ciphertext };
}

export async function openSecret(call: Call, project: ProjectRow, hook: HookRow): Promise<string> {
  const { iv, ciphertext, secretVersion: version } = hook;
  const sealed = { name: "secret", version, iv, ciphertext };
  return openVar(await openKey(call, project), placeOf(project, hook), sealed);
}
