// What the next release holds: the variables of a worker and of its groups as they are now, sealed.
//
// 1. The worker's own beat those of its groups, a later group beats an earlier one; COPPICE_* comes from the host alone.
// 2. A value is only opened where some value of the set refers to others; what comes of it is sealed for the worker.
import { createHash } from "node:crypto";
import { ProblemError } from "../../../protocol/problems.ts";
import { LIMITS } from "../../../protocol/spec.ts";
import type { StoredVar } from "../../db/env.ts";
import { encryptVar, openVar, type SealedVar } from "../../db/envelope.ts";
import { envLayers, type Layers } from "../../db/groups.ts";
import type { ProjectRow } from "../../db/projects.ts";
import type { StoredWorker } from "../../db/workers.ts";
import type { EnvSnapshot } from "../../rpc.ts";
import type { Call } from "../call.ts";
import { openKey } from "./keys.ts";
import { type ClearLayer, type ResolvedVar, resolveAll } from "./references.ts";

type Place = Pick<StoredWorker["row"], "id" | "envVersion">;

interface Chosen {
  readonly sealed: StoredVar;
  /** The group's id; null for the worker's own. */
  readonly group: string | null;
}

function choose({ groups, own }: Layers): Map<string, Chosen> {
  const chosen = new Map<string, Chosen>();
  for (const { id, vars } of groups)
    for (const sealed of vars) chosen.set(sealed.name, { sealed, group: id });
  for (const sealed of own) chosen.set(sealed.name, { sealed, group: null });
  return chosen;
}

function entryOf({ group, sealed }: Chosen): EnvSnapshot["entries"][number] {
  const { name, version, iv, ciphertext, plain } = sealed;
  const flags = { ...(group === null ? {} : { owner: group }), ...(plain ? { plain } : {}) };
  return { name, version, iv, ciphertext, ...flags };
}

async function openLayer(
  key: CryptoKey,
  place: { readonly projectId: string; readonly ownerId: string; readonly group: string | null },
  vars: readonly StoredVar[],
): Promise<ClearLayer> {
  const { projectId, ownerId, group } = place;
  const opened = await Promise.all(
    vars.map(async ({ plain, refers, ...sealed }) => {
      const { name, version } = sealed;
      const value = await openVar(key, { projectId, ownerId, name, version }, sealed);
      return [name, { origin: `${ownerId} ${name} ${version}`, value, refers, plain }] as const;
    }),
  );
  return { group, vars: new Map(opened) };
}

/** Throws `env_unresolved` with a sentence for each value that refers to nothing, or to itself. */
async function resolveLayers(
  key: CryptoKey,
  place: { readonly projectId: string; readonly workerId: string },
  layers: Layers,
): Promise<ReadonlyMap<string, ResolvedVar>> {
  const { projectId, workerId } = place;
  const clear = await Promise.all([
    ...layers.groups.map(({ id, name, vars }) =>
      openLayer(key, { projectId, ownerId: id, group: name }, vars),
    ),
    openLayer(key, { projectId, ownerId: workerId, group: null }, layers.own),
  ]);
  const resolution = resolveAll(clear);
  if (resolution.ok) return resolution.values;
  const { errors } = resolution;
  const [first] = errors;
  throw new ProblemError(
    "env_unresolved",
    `${first?.path.replace(/^(env|groups)\./, "")} ${first?.message}.`,
    errors.slice(0, 20),
  );
}

function checkTotal(entries: readonly SealedVar[]): void {
  const bytes = entries.reduce((sum, one) => sum + one.ciphertext.length * 0.75, 0);
  if (entries.length <= LIMITS.envVars && bytes <= LIMITS.bodyBytes) return;
  const most = `${LIMITS.envVars} names and ${LIMITS.bodyBytes} bytes`;
  throw new ProblemError("env_unresolved", `With its groups the worker has more than ${most}.`, [
    { path: "groups", message: `must not come to more than ${most} with the worker's own` },
  ]);
}

/** Throws `env_unresolved` where the spec names a group that is not there. */
export function checkGroups(wanted: readonly string[], layers: Pick<Layers, "groups">): void {
  const known = new Set(layers.groups.map(({ name }) => name));
  const errors = wanted.flatMap((name, at) =>
    known.has(name) ? [] : [{ path: `groups.${at}`, message: `there is no group ${name}` }],
  );
  const [first] = errors;
  if (!first) return;
  const sentence = `${first.message[0]?.toUpperCase()}${first.message.slice(1)}.`;
  throw new ProblemError("env_unresolved", sentence, errors);
}

/** Seals what the layers come to. */
export async function sealLayers(
  call: Call,
  input: { readonly project: ProjectRow; readonly worker: Place; readonly layers: Layers },
): Promise<EnvSnapshot> {
  const { layers, project, worker } = input;
  const chosen = choose(layers);
  const version = layers.own.reduce(
    (newest, one) => Math.max(newest, one.version),
    worker.envVersion,
  );
  const groups = layers.groups.map(({ id, version: at }) => ({ id, version: at }));
  const finish = (entries: EnvSnapshot["entries"]): EnvSnapshot => {
    checkTotal(entries);
    return { version, groups, wrappedKey: project.wrappedKey, entries };
  };
  const all = [...chosen.values()].sort((a, b) => (a.sealed.name < b.sealed.name ? -1 : 1));
  if (!all.some(({ sealed }) => sealed.refers)) return finish(all.map(entryOf));
  const key = await openKey(call, project);
  const place = { projectId: project.id, workerId: worker.id };
  const values = await resolveLayers(key, place, layers);
  return finish(
    await Promise.all(
      all.map(async (one) => {
        const { name, refers } = one.sealed;
        const found = values.get(name);
        if (!refers || !found) return entryOf(one);
        const sealed = await encryptVar(
          key,
          { projectId: project.id, ownerId: worker.id, name, version },
          found.value,
        );
        const made = createHash("sha256").update(found.origins.join("\n")).digest("base64");
        return { ...sealed, made, ...(found.plain ? { plain: true } : {}) };
      }),
    ),
  );
}

/** Throws `env_unresolved` where values refer to what is not there, or the spec names a group that is not. */
export async function snapshotEnv(
  call: Call,
  project: ProjectRow,
  worker: Pick<StoredWorker, "spec"> & { readonly row: Place },
): Promise<EnvSnapshot> {
  const { groups } = worker.spec;
  const layers =
    worker.row.envVersion === 0 && groups.length === 0
      ? { own: [], groups: [] }
      : await envLayers(call.db, { projectId: project.id, workerId: worker.row.id, groups });
  checkGroups(groups, layers);
  return sealLayers(call, { project, worker: worker.row, layers });
}
