// What a plan comes to for each worker: the rows to store, sealed and checked. Nothing is stored here.
import type { WorkerSpec } from "../../../protocol/spec.ts";
import type { ConfigChange, ConfigState } from "../../db/config.ts";
import type { FlaggedVar, StoredVar } from "../../db/env.ts";
import type { ListedWorker, NewWorker, StoredWorker } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { checkSize, sealVars } from "../env/seal.ts";
import { sealLayers } from "../env/snapshot.ts";
import { describeChange, prepareChange } from "../env/store.ts";
import { auditRow } from "../note.ts";
import { type Seed, seededId, seedFor } from "../seed.ts";
import type { Plan, Planned } from "./plan.ts";

export type Applying = Admitted<"config.apply">;

export interface Step {
  readonly planned: Planned;
  readonly created: NewWorker | null;
  readonly changed: ConfigChange | null;
  /** Said to the timeline; null where the variables stay. */
  readonly envMessage: string | null;
}

async function createStep(
  admitted: Applying,
  planned: Planned,
  input: { readonly seed: Seed; readonly state: ConfigState },
): Promise<Step> {
  const { actor, call, project } = admitted;
  const { seed, state } = input;
  const { env, instances, name, secrets: _, ...asked } = planned.wanted;
  const id = seededId(seed, "worker", 0);
  const owner = { kind: "worker", id } as const;
  const vars = await sealVars(
    call,
    { project, owner, plain: true, version: 1 },
    new Map(Object.entries(env)),
  );
  checkSize(vars, `workers.${name}.env`);
  const envVersion = vars.length > 0 ? 1 : 0;
  const spec: WorkerSpec = {
    ...{ ...asked, groups: [...asked.groups], paths: [...asked.paths], hosts: { ...asked.hosts } },
    ...{ name, instances: instances ?? 1, wanted: "running" },
  };
  await checkReferences(admitted, state, { id, envVersion, spec, vars });
  const row = {
    ...{ id, projectId: project.id, name, specVersion: 1, appliedVersion: 0, envVersion },
    initialDeployId: planned.deploy === "no" ? null : seededId(seed, "deploy", 1),
    ...{ wrappedBy: project.wrappedBy, createdAt: seed.at, deletedAt: null },
  };
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: id,
    detail: { name, instances: spec.instances, env: Object.keys(env) },
  });
  const created = { row, spec, actor: actor.name, vars, audit };
  return { planned, created, changed: null, envMessage: null };
}

/** What the values of a worker refer to has to be there; throws `env_unresolved`. */
async function checkReferences(
  { call, project }: Applying,
  state: ConfigState,
  worker: {
    readonly id: StoredWorker["row"]["id"];
    readonly envVersion: number;
    readonly spec: WorkerSpec;
    readonly vars: readonly FlaggedVar[];
  },
): Promise<void> {
  const own = worker.vars.map((one): StoredVar => ({ ...one, createdAt: call.now }));
  const groups = worker.spec.groups.flatMap((name) =>
    state.groups.filter((group) => group.name === name),
  );
  await sealLayers(call, { project, worker, layers: { own, groups } });
}

async function changeStep(
  admitted: Applying,
  planned: Planned,
  input: { readonly state: ConfigState; readonly worker: ListedWorker },
): Promise<Step> {
  const { call, project } = admitted;
  const { state, worker } = input;
  const { row } = worker;
  const { env, name } = planned.wanted;
  const wish = {
    changes: new Map(Object.entries(env)),
    replace: false,
    plain: true,
    under: "set",
    warnings: [],
  } as const;
  const owner = { kind: "worker", id: row.id } as const;
  const vars = await prepareChange(
    call,
    { project, owner },
    { wish, stored: state.vars.get(row.id) ?? [], from: row.envVersion },
  );
  const fields = Object.keys(planned.patch);
  const spec = fields.length > 0 ? { ...worker.spec, ...planned.patch, name } : null;
  if (spec || vars.rows.length > 0)
    await checkReferences(admitted, state, {
      ...{ id: row.id, envVersion: vars.version, spec: spec ?? worker.spec, vars: vars.after },
    });
  const note = (detail: Record<string, unknown>) =>
    auditRow(admitted, { projectId: project.id, target: row.id, detail });
  const { set, unset, version } = vars;
  const audit = [
    ...(spec ? [note({ specVersion: row.specVersion + 1, fields })] : []),
    ...(vars.rows.length > 0 ? [note({ version, set, unset })] : []),
  ];
  const changed = {
    ...{ workerId: row.id, specVersion: row.specVersion, envVersion: row.envVersion },
    ...{ spec, vars: vars.rows, audit },
  };
  const isMoved = audit.length > 0;
  const envMessage = vars.rows.length > 0 ? `Variables ${describeChange(vars)}` : null;
  return { planned, created: null, changed: isMoved ? changed : null, envMessage };
}

export async function prepareSteps(
  admitted: Applying,
  plan: Plan,
  input: { readonly seed: Seed; readonly state: ConfigState },
): Promise<Step[]> {
  const { seed, state } = input;
  const byName = new Map(state.workers.map((worker) => [worker.row.name, worker]));
  const steps: Step[] = [];
  for (const planned of plan.planned) {
    const { name } = planned.wanted;
    const worker = byName.get(name);
    steps.push(
      worker
        ? await changeStep(admitted, planned, { state, worker })
        : await createStep(admitted, planned, { state, seed: await seedFor(seed, name) }),
    );
  }
  return steps;
}
