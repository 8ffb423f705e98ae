// Makes a hook of a worker; its secret is shown once.
import { ProblemError } from "../../../protocol/problems.ts";
import type { CreateHook, NewHookView } from "../../../protocol/rest.ts";
import { insertHook, listHooks } from "../../db/hooks.ts";
import type { Admitted } from "../admit.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId } from "../seed.ts";
import { hookView, makeSecret } from "./view.ts";

const MOST_HOOKS = 20;

export async function createHook(
  admitted: Admitted<"hooks.create">,
  { kind }: CreateHook,
  by: { readonly seed: Seed; readonly origin: string },
): Promise<NewHookView> {
  const { actor, call, project, worker } = admitted;
  const { origin, seed } = by;
  const id = seededId(seed, "hook", 0);
  const others = (await listHooks(call.db, worker.row.id)).filter((one) => one.id !== id);
  if (others.length >= MOST_HOOKS)
    throw new ProblemError("conflict", `A worker has at most ${MOST_HOOKS} hooks; remove one.`);
  const secretVersion = 1;
  const { text, iv, ciphertext } = await makeSecret(call, project, { id, secretVersion }, seed.key);
  const row = {
    ...{ id, projectId: project.id, workerId: worker.row.id, kind, secretVersion, iv, ciphertext },
    ...{ createdBy: actor.name, createdAt: seed.at, lastUsedAt: null, lastOutcome: null },
  };
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: id,
    detail: { worker: worker.row.id, kind },
    id: seededId(seed, "audit", 1),
  });
  await insertHook(call.db, row, audit);
  return { ...hookView(row, origin), secret: text };
}
