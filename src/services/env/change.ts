// Changes variables: a new version of the set, in force with the next release. What is as it was asked for makes none.

import { ProblemError } from "../../../protocol/problems.ts";
import type { ChangeEnv, EnvChangeView } from "../../../protocol/rest.ts";
import { changeVars, currentVars, type StoredVar, type VarChange } from "../../db/env.ts";
import { workerById } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { absent } from "../authorise.ts";
import { auditRow } from "../note.ts";
import { askWorker } from "../reach.ts";
import { newId } from "../seed.ts";
import { readDotenv } from "./dotenv.ts";
import { type Changes, checkSize, checkVars, sealVars, withoutEqual } from "./seal.ts";
import { envView, liveEnvVersion } from "./view.ts";

const TRIES = 5;

interface Wish {
  readonly changes: Changes;
  /** Unset whatever is not named. */
  readonly replace: boolean;
  readonly warnings: readonly string[];
}

function readWish(input: ChangeEnv): Wish {
  if ("set" in input) {
    const changes = new Map(Object.entries(input.set));
    checkVars(changes, "set");
    return { changes, replace: false, warnings: [] };
  }
  const { vars, warnings } = readDotenv(input.dotenv);
  checkVars(vars, "dotenv");
  return { changes: vars, replace: input.replace, warnings };
}

function withUnset(wish: Wish, stored: readonly StoredVar[]): Changes {
  const known = new Set(stored.map(({ name }) => name));
  const all = new Map(
    [...wish.changes].filter(([name, value]) => value !== null || known.has(name)),
  );
  if (wish.replace) for (const name of known) if (!all.has(name)) all.set(name, null);
  return all;
}

function describe(set: number, unset: number): string {
  const parts = [set > 0 ? `${set} set` : "", unset > 0 ? `${unset} unset` : ""];
  return `Variables changed: ${parts.filter(Boolean).join(", ")}. In force with the next deploy.`;
}

export async function changeEnv(
  admitted: Admitted<"env.change">,
  input: ChangeEnv,
): Promise<EnvChangeView> {
  const { call, project, worker } = admitted;
  const wish = readWish(input);
  const { id } = worker.row;
  let from = worker.row.envVersion;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const stored = await currentVars(call.db, id);
    const place = { project, workerId: id };
    const changes = await withoutEqual(call, place, { changes: withUnset(wish, stored), stored });
    const finish = async (vars: readonly StoredVar[], version: number) => ({
      ...envView(vars, { version, liveVersion: await liveEnvVersion(call, id) }),
      changed: [...changes.keys()].sort(),
      warnings: [...wish.warnings],
    });
    if (changes.size === 0) return finish(stored, from);
    const version = from + 1;
    const sealed = await sealVars(call, { ...place, version }, changes);
    const after = [
      ...stored.filter(({ name }) => !changes.has(name)),
      ...sealed.map((one) => ({ ...one, createdAt: call.now })),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
    checkSize(after, "set" in input ? "set" : "dotenv");
    const unset = [...changes].filter(([, value]) => value === null).map(([name]) => name);
    const gone = unset.map((name): VarChange => ({ name, version, iv: null, ciphertext: null }));
    const names = sealed.map(({ name }) => name);
    const audit = auditRow(admitted, {
      projectId: project.id,
      target: id,
      detail: { version, set: names, unset },
    });
    const vars = [...sealed, ...gone];
    if (await changeVars(call.db, { workerId: id, from, at: call.now, vars, audit })) {
      call.later(tellTimeline(admitted, describe(names.length, unset.length)));
      return finish(after, version);
    }
    const now = await workerById(call.db, id);
    if (!now || now.row.deletedAt !== null) throw absent("worker");
    from = now.row.envVersion;
  }
  throw new ProblemError("conflict", "Others change these variables all the time; try again.");
}

async function tellTimeline(admitted: Admitted<"env.change">, message: string): Promise<void> {
  const { call, worker, actor } = admitted;
  const eventId = newId(call, "event");
  await askWorker(call, worker.row.id, (stub) =>
    stub.note({ eventId, kind: "env_changed", actor: actor.name, message }),
  );
}
