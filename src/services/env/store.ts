// A change of variables, a worker's or a group's: read, sealed, stored as a new version. What is as it was asked for makes none.
import { ProblemError } from "../../../protocol/problems.ts";
import type { ChangeEnv } from "../../../protocol/rest.ts";
import {
  changeVars,
  currentVars,
  type StoredVar,
  type VarChange,
  type VarOwner,
} from "../../db/env.ts";
import type { ProjectRow } from "../../db/projects.ts";
import type { AuditRow } from "../../db/schema/audit.ts";
import type { Call } from "../call.ts";
import { readDotenv } from "./dotenv.ts";
import { type Changes, checkSize, checkVars, sealVars, withoutEqual } from "./seal.ts";

const TRIES = 5;

export interface Wish {
  readonly changes: Changes;
  /** Unset whatever is not named. */
  readonly replace: boolean;
  readonly plain: boolean;
  /** How the caller calls what the names stand under. */
  readonly under: "set" | "dotenv";
  readonly warnings: readonly string[];
}

export function readWish(input: ChangeEnv): Wish {
  const { plain } = input;
  if ("set" in input) {
    const changes = new Map(Object.entries(input.set));
    checkVars(changes, "set");
    return { changes, replace: false, plain, under: "set", warnings: [] };
  }
  const { vars, warnings } = readDotenv(input.dotenv);
  checkVars(vars, "dotenv");
  return { changes: vars, replace: input.replace, plain, under: "dotenv", warnings };
}

function withUnset(wish: Wish, stored: readonly StoredVar[]): Changes {
  const known = new Set(stored.map(({ name }) => name));
  const all = new Map(
    [...wish.changes].filter(([name, value]) => value !== null || known.has(name)),
  );
  if (wish.replace) for (const name of known) if (!all.has(name)) all.set(name, null);
  return all;
}

export interface PreparedChange {
  readonly version: number;
  readonly set: readonly string[];
  readonly unset: readonly string[];
  /** Empty where all is so already: then there is nothing to store. */
  readonly rows: readonly VarChange[];
  /** The set as it is then. */
  readonly after: readonly StoredVar[];
}

/** What a wish comes to on what is stored as version `from`. */
export async function prepareChange(
  call: Call,
  place: { readonly project: ProjectRow; readonly owner: VarOwner },
  input: { readonly wish: Wish; readonly stored: readonly StoredVar[]; readonly from: number },
): Promise<PreparedChange> {
  const { from, stored, wish } = input;
  const full = { ...place, plain: wish.plain };
  const changes = await withoutEqual(call, full, { changes: withUnset(wish, stored), stored });
  if (changes.size === 0) return { version: from, set: [], unset: [], rows: [], after: stored };
  const version = from + 1;
  const sealed = await sealVars(call, { ...full, version }, changes);
  const after = [
    ...stored.filter(({ name }) => !changes.has(name)),
    ...sealed.map((one) => ({ ...one, createdAt: call.now })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  checkSize(after, wish.under);
  const unset = [...changes].filter(([, value]) => value === null).map(([name]) => name);
  const gone = unset.map((name): VarChange => ({ name, version, iv: null, ciphertext: null }));
  return { version, set: sealed.map(({ name }) => name), unset, rows: [...sealed, ...gone], after };
}

export interface Changed {
  readonly version: number;
  readonly vars: readonly StoredVar[];
  readonly set: readonly string[];
  readonly unset: readonly string[];
}

/** Stores the wish; on a lost race it is made again on what won. `versionNow` throws where the owner is gone. */
export async function storeChange(
  call: Call,
  place: { readonly project: ProjectRow; readonly owner: VarOwner; readonly from: number },
  wish: Wish,
  input: {
    readonly audit: (detail: Record<string, unknown>) => AuditRow;
    readonly versionNow: () => Promise<number>;
  },
): Promise<Changed> {
  const { owner } = place;
  let { from } = place;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const stored = await currentVars(call.db, owner);
    const { after, rows, set, unset, version } = await prepareChange(call, place, {
      ...{ wish, stored, from },
    });
    const changed = { version, vars: after, set, unset };
    if (rows.length === 0) return changed;
    const audit = input.audit({ version, set, unset });
    if (await changeVars(call.db, { owner, from, at: call.now, vars: rows, audit })) return changed;
    from = await input.versionNow();
  }
  throw new ProblemError("conflict", "Others change these variables all the time; try again.");
}

export function describeChange({ set, unset }: Pick<Changed, "set" | "unset">): string {
  const parts = [
    set.length > 0 ? `${set.length} set` : "",
    unset.length > 0 ? `${unset.length} unset` : "",
  ];
  return `changed: ${parts.filter(Boolean).join(", ")}. In force with the next deploy.`;
}
