// A new version is on trial until it was accepted. The files are read by service/start.sh, too, which turns back.
//
// 1. The trial is on disk before the link changes: at no moment does a new version run that nobody watches.
// 2. Only the version on trial ends it well: an agent once its host channel was accepted.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, replaceFile } from "../durable.ts";
import { linkedVersion, type Role, relink } from "./layout.ts";

export interface Trial {
  readonly to: string;
  readonly from: string;
  /** From the first start of the new version. */
  readonly seconds: number;
}

export type TrialOutcome =
  | { readonly kind: "on_trial" }
  | { readonly kind: "accepted" }
  | { readonly kind: "turned_back"; readonly reason: string };

const pathOf = (prefix: string, role: Role) => join(prefix, `${role}.trial`);

export function readTrial(prefix: string, role: Role): Trial | null {
  const [to, from, seconds] = (readIfThere(pathOf(prefix, role)) ?? "").trim().split(" ");
  return to && from && seconds ? { to, from, seconds: Number(seconds) } : null;
}

/** Puts the new version in the old one's place, on trial from its next start. */
export function beginTrial(prefix: string, role: Role, { to, from, seconds }: Trial): void {
  for (const left of ["boots", "rejected"])
    rmSync(join(prefix, `${role}.${left}`), { force: true });
  replaceFile(pathOf(prefix, role), `${to} ${from} ${seconds}\n`);
  relink(prefix, role, to);
}

/** The new version is accepted; of any other version it says nothing. True where there was a trial of it. */
export function acceptTrial(prefix: string, role: Role, version: string): boolean {
  if (readTrial(prefix, role)?.to !== version) return false;
  endTrial(prefix, role);
  return true;
}

/** From here, for what nobody else would: the same steps as in start.sh. */
export function turnBack(prefix: string, role: Role, reason: string): void {
  const trial = readTrial(prefix, role);
  if (trial === null) return;
  relink(prefix, role, trial.from);
  replaceFile(join(prefix, `${role}.rejected`), `${trial.to} ${reason}\n`);
  endTrial(prefix, role);
}

function endTrial(prefix: string, role: Role): void {
  rmSync(pathOf(prefix, role), { force: true });
  rmSync(join(prefix, `${role}.boots`), { force: true });
}

export function outcomeOf(prefix: string, role: Role, version: string): TrialOutcome {
  if (readTrial(prefix, role) !== null) return { kind: "on_trial" };
  if (linkedVersion(prefix, role) === version) return { kind: "accepted" };
  const [, ...reason] = (readIfThere(join(prefix, `${role}.rejected`)) ?? "").trim().split(" ");
  return { kind: "turned_back", reason: reason.join(" ") || "was not accepted" };
}
