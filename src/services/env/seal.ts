// Names and values of variables: checked at the edge, sealed before they are stored.
import { type FieldError, ProblemError } from "../../../protocol/problems.ts";
import { envNameSchema, LIMITS } from "../../../protocol/spec.ts";
import type { FlaggedVar, StoredVar, VarOwner } from "../../db/env.ts";
import { encryptVar, holdsValue } from "../../db/envelope.ts";
import type { ProjectRow } from "../../db/projects.ts";
import type { Call } from "../call.ts";
import { openKey } from "./keys.ts";
import { faultOfReferences, refersToOthers } from "./references.ts";

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
    else {
      const fault = faultOfReferences(value);
      if (fault) refuse(name, fault);
    }
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
  throw new ProblemError("invalid_request", "That would be too many variables.", [
    {
      path: under,
      message: `must not come to more than ${LIMITS.envVars} names and ${LIMITS.bodyBytes} bytes together`,
    },
  ]);
}

export interface EnvPlace {
  readonly project: ProjectRow;
  readonly owner: VarOwner;
  /** What is set is no secret. */
  readonly plain: boolean;
}

/**
 * The changes without those that set what is set already. Whoever may ask this may also set: a wrong guess at a value
 * replaces it, so nothing can be found out by guessing.
 */
export async function withoutEqual(
  call: Call,
  { project, owner, plain }: EnvPlace,
  { changes, stored }: { readonly changes: Changes; readonly stored: readonly StoredVar[] },
): Promise<Changes> {
  const known = stored.filter(
    (one) => typeof changes.get(one.name) === "string" && one.plain === plain,
  );
  if (known.length === 0) return changes;
  const dataKey = await openKey(call, project);
  const equal = await Promise.all(
    known.map(async (sealed) => {
      const { name, version } = sealed;
      const place = { projectId: project.id, ownerId: owner.id, name, version };
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
  { project, version, owner, plain }: EnvPlace & { readonly version: number },
  changes: Changes,
): Promise<FlaggedVar[]> {
  const set = [...changes].flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  if (set.length === 0) return [];
  const dataKey = await openKey(call, project);
  return Promise.all(
    set.map(async ({ name, value }) => {
      const place = { projectId: project.id, ownerId: owner.id, name, version };
      return { ...(await encryptVar(dataKey, place, value)), refers: refersToOthers(value), plain };
    }),
  );
}
