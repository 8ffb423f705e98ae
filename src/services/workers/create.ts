// Makes a worker: first version of its spec, variables and audit row in one batch; then its object is told.

import type { WorkerView } from "../../../protocol/rest.ts";
import type { CreateWorker } from "../../../protocol/spec.ts";
import { envLayers } from "../../db/groups.ts";
import { insertWorker, type StoredWorker } from "../../db/workers.ts";
import type { Admitted } from "../admit.ts";
import { checkSize, checkVars, sealVars } from "../env/seal.ts";
import { checkGroups, sealLayers } from "../env/snapshot.ts";
import { auditRow } from "../note.ts";
import { orNull } from "../reach.ts";
import { type Seed, seededId } from "../seed.ts";
import { applyWorker } from "./apply.ts";
import { checkAsked, nameTaken } from "./rules.ts";
import { viewNow } from "./status.ts";

const APPLY_WAIT_MS = 5_000;

export async function createWorker(
  admitted: Admitted<"workers.create">,
  input: CreateWorker,
  seed: Seed,
): Promise<WorkerView> {
  const { call, project, actor } = admitted;
  const { env, deploy, ...asked } = input;
  checkAsked(call, asked);
  const vars = new Map(Object.entries(env));
  checkVars(vars, "env");
  const id = seededId(seed, "worker", 0);
  const owner = { kind: "worker", id } as const;
  const sealed = await sealVars(call, { project, owner, plain: false, version: 1 }, vars);
  checkSize(sealed, "env");
  const layers = await envLayers(call.db, {
    ...{ projectId: project.id, workerId: id, groups: asked.groups },
  });
  checkGroups(asked.groups, layers);
  const own = sealed.map((one) => ({ ...one, createdAt: seed.at }));
  const place = { id, envVersion: sealed.length > 0 ? 1 : 0 };
  // What its values refer to has to be there now: the first deploy comes with it.
  await sealLayers(call, { project, worker: place, layers: { ...layers, own } });
  const worker: StoredWorker = {
    groups: layers.groups.map(({ id: group, version }) => ({ id: group, version })),
    row: {
      id,
      projectId: project.id,
      name: asked.name,
      specVersion: 1,
      appliedVersion: 0,
      envVersion: sealed.length > 0 ? 1 : 0,
      initialDeployId: deploy ? seededId(seed, "deploy", 1) : null,
      wrappedBy: project.wrappedBy,
      createdAt: seed.at,
      deletedAt: null,
    },
    spec: { ...asked, wanted: "running" },
  };
  const audit = auditRow(admitted, {
    projectId: project.id,
    target: id,
    detail: { name: asked.name, instances: asked.instances, env: [...vars.keys()] },
    id: seededId(seed, "audit", 2),
  });
  const stored = { ...worker, actor: actor.name, vars: sealed, audit };
  if (!(await insertWorker(call.db, stored))) throw nameTaken(asked.name);
  await orNull(applyWorker(call, { project, worker, actor: actor.name }), APPLY_WAIT_MS);
  return viewNow(call, worker);
}
