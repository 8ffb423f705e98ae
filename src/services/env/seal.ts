// Names and values of variables: checked at the edge, sealed before they are stored, handed on sealed.

import type { WorkerId } from "../../../protocol/ids.ts";
import { type FieldError, ProblemError } from "../../../protocol/problems.ts";
import { envNameSchema, LIMITS } from "../../../protocol/spec.ts";
import { currentVars, type StoredVar } from "../../db/env.ts";
import { encryptVar, holdsValue, openDataKey, type SealedVar } from "../../db/envelope.ts";
import type { ProjectRow } from "../../db/projects.ts";
import type { EnvSnapshot } from "../../rpc.ts";
import { type Call, logLine } from "../call.ts";

const WRONG_KEY =
  "The variables of this project do not open: the operator has to set COPPICE_MASTER_KEY to the key that they were sealed with.";

/** A value, or null to unset the name. */
export type Changes = ReadonlyMap<string, string | null>;

/** Throws `invalid_request` with a path for each name or value that cannot be a variable. */
export function checkVars(changes: Changes, under: string): void {
  const errors: FieldError[] = [];
  const refuse = (name: string, message: string) =>
    errors.push({ path: `${under}.${name}`, message });
  for (const [name, value] of changes) {
    const parsed = envNameSchema.safeParse(name);
    if (!parsed.success) refuse(name, parsed.error.issues[0]?.message ?? "is not a name");
    else if (name === "__proto__") refuse(name, "is not a usable name");
    else if (value === null) continue;
    else if (value.includes("\u0000")) refuse(name, "must not contain NUL");
    else if (new TextEncoder().encode(value).length > LIMITS.envValueBytes)
      refuse(name, `must not be longer than ${LIMITS.envValueBytes} bytes`);
  }
  if (changes.size > LIMITS.envVars)
    errors.unshift({ path: under, message: `must not have more than ${LIMITS.envVars} names` });
  if (errors.length > 0)
    throw new ProblemError("invalid_request", "Some variables are not valid.", errors.slice(0, 20));
}

/** Throws where the whole set would be too large to be handed to a program. */
export function checkSize(vars: readonly { readonly ciphertext: string }[], under: string): void {
  const bytes = vars.reduce((sum, one) => sum + one.ciphertext.length * 0.75, 0);
  if (vars.length <= LIMITS.envVars && bytes <= LIMITS.bodyBytes) return;
  throw new ProblemError("invalid_request", "The worker would have too many variables.", [
    {
      path: under,
      message: `must not come to more than ${LIMITS.envVars} names and ${LIMITS.bodyBytes} bytes together`,
    },
  ]);
}

export interface EnvPlace {
  readonly project: ProjectRow;
  readonly workerId: WorkerId;
}

async function openKey(call: Call, project: ProjectRow): Promise<CryptoKey> {
  const masterKey = call.env.COPPICE_MASTER_KEY;
  try {
    return await openDataKey(project.wrappedKey, { masterKey, projectId: project.id });
  } catch (error) {
    logLine("error", "data_key_closed", { requestId: call.requestId, error: String(error) });
    throw new ProblemError("internal", WRONG_KEY);
  }
}

/**
 * The changes without those that set what is set already. Whoever may ask this may also set: a wrong guess at a value
 * replaces it, so nothing can be found out by guessing.
 */
export async function withoutEqual(
  call: Call,
  { project, workerId }: EnvPlace,
  { changes, stored }: { readonly changes: Changes; readonly stored: readonly StoredVar[] },
): Promise<Changes> {
  const known = stored.filter(({ name }) => typeof changes.get(name) === "string");
  if (known.length === 0) return changes;
  const dataKey = await openKey(call, project);
  const equal = await Promise.all(
    known.map(async (sealed) => {
      const { name, version } = sealed;
      const place = { projectId: project.id, workerId, name, version };
      const value = changes.get(name) ?? "";
      return (await holdsValue(dataKey, place, { sealed, value })) ? name : null;
    }),
  );
  const same = new Set(equal);
  return new Map([...changes].filter(([name]) => !same.has(name)));
}

/** Seals the values of the changes as that version; unset names have no value to seal. */
export async function sealVars(
  call: Call,
  { project, version, workerId }: EnvPlace & { readonly version: number },
  changes: Changes,
): Promise<SealedVar[]> {
  const set = [...changes].flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  if (set.length === 0) return [];
  const dataKey = await openKey(call, project);
  return Promise.all(
    set.map(({ name, value }) =>
      encryptVar(dataKey, { projectId: project.id, workerId, name, version }, value),
    ),
  );
}

/** The variables as they are now, sealed: what the next release holds. */
export async function snapshotEnv(
  call: Call,
  project: ProjectRow,
  worker: { readonly id: WorkerId; readonly envVersion: number },
): Promise<EnvSnapshot> {
  const vars = worker.envVersion === 0 ? [] : await currentVars(call.db, worker.id);
  return {
    version: vars.reduce((newest, one) => Math.max(newest, one.version), worker.envVersion),
    wrappedKey: project.wrappedKey,
    entries: vars.map(({ name, version, iv, ciphertext }) => ({ name, version, iv, ciphertext })),
  };
}
