// Puts a coppice.toml into force: one plan, one authorisation, one batch in D1; then the objects are told and deploys begun.
//
// 1. What is stored is all of it or nothing. Where something moved since it was read, the plan is made anew; with If-Match the
//    caller wants that very plan, and is refused instead.
// 2. Repeated, it changes nothing more, and begins no deploy but where `deploy=always` asks for one, or where the last one
//    could not be begun or failed: `deploy=changed` goes by the newest deploy that is live or on its way, as the object has it.
// 3. A deploy that can't be begun undoes nothing: it is told beside the others.
import { type CoppiceToml, workersOfConfig } from "../../../protocol/config.ts";
import { envChanged } from "../../../protocol/live-env.ts";
import { ProblemError } from "../../../protocol/problems.ts";
import type { ConfigView, PutConfigQuery } from "../../../protocol/rest.ts";
import { sha256Hex } from "../../db/bytes.ts";
import { type ConfigState, configState, storeConfig } from "../../db/config.ts";
import type { ListedWorker } from "../../db/workers.ts";
import type { Call } from "../call.ts";
import { checkVars } from "../env/seal.ts";
import { fewAtATime } from "../few.ts";
import { askWorker, orNull } from "../reach.ts";
import { type Seed, seedFor } from "../seed.ts";
import { workerView } from "../views.ts";
import { checkAsked } from "../workers/rules.ts";
import { finishStep, type Outcome } from "./finish.ts";
import { makePlan, type Plan, type Present } from "./plan.ts";
import { type Applying, prepareSteps, type Step } from "./steps.ts";

const TRIES = 5;
const ASK_WAIT_MS = 2_000;

type Last = Pick<Present, "newest" | "isNew" | "envChanged">;

export interface ConfigInput {
  readonly config: CoppiceToml;
  readonly dryRun: boolean;
  readonly deploy: PutConfigQuery["deploy"];
  /** The plan that the caller saw; null for "whatever it is". */
  readonly expected: string | null;
}

function readWanted({ call, project }: Applying, config: CoppiceToml) {
  const { errors, workers } = workersOfConfig(config);
  const wrong = [...errors];
  if (config.project !== undefined && config.project !== project.name)
    wrong.push({ path: "project", message: `is ${config.project}, and this is ${project.name}` });
  const [first] = wrong;
  if (first)
    throw new ProblemError("invalid_request", `Mend \`${first.path}\`: ${first.message}.`, wrong);
  for (const worker of workers) {
    checkAsked(call, worker);
    checkVars(new Map(Object.entries(worker.env)), `workers.${worker.name}.env`);
  }
  return workers;
}

/** What was deployed last; null where the object does not tell, and then the projection has to do. */
async function lastOf(call: Call, worker: ListedWorker): Promise<Last | null> {
  const { groups, row } = worker;
  const overview = await orNull(
    askWorker(call, row.id, async (stub) => ({ told: await stub.overview() })),
    ASK_WAIT_MS,
  );
  if (!overview) return null;
  const newest = overview.told?.newest ?? null;
  // The deploy that comes with a new worker is begun by whoever tells its object first.
  const isComing = row.initialDeployId !== null && row.appliedVersion === 0;
  return {
    newest,
    isNew: newest === null && !isComing,
    envChanged: envChanged({ version: row.envVersion, groups }, newest?.env ?? null),
  };
}

function lastKnown(worker: ListedWorker): Last {
  const { envChanged, lastDeployAt } = workerView(worker, worker.projection);
  const isNew = lastDeployAt === null && worker.row.initialDeployId === null;
  return { newest: null, isNew, envChanged };
}

/** Objects are asked about the named workers, and only where that decides on a deploy. */
async function presentOf(
  { call }: Applying,
  state: ConfigState,
  asked: ReadonlySet<string>,
): Promise<Present[]> {
  return fewAtATime(state.workers, async (worker) => {
    const { row, spec } = worker;
    const told = asked.has(row.name) ? await lastOf(call, worker) : null;
    return {
      name: row.name,
      spec,
      specVersion: row.specVersion,
      envNames: (state.vars.get(row.id) ?? []).map(({ name }) => name),
      ...(told ?? lastKnown(worker)),
    };
  });
}

/** Another one wherever the plan may be another one. */
async function versionOf(state: ConfigState, names: ReadonlySet<string>): Promise<string> {
  const workers = state.workers
    .filter(({ row }) => names.has(row.name))
    .map(({ row }) => [row.id, row.specVersion, row.envVersion]);
  const groups = state.groups.map(({ id, version }) => [id, version]).sort();
  const others = state.workers.map(({ row }) => row.name).sort();
  return (await sha256Hex(JSON.stringify([workers, groups, others]))).slice(0, 32);
}

function requireClear({ missing, obstacles }: Plan): void {
  const errors = [
    ...obstacles,
    ...missing.map(({ name, worker }) => ({
      path: `workers.${worker}.secrets.${name}`,
      message: "has no value yet",
    })),
  ];
  const [first] = errors;
  if (!first) return;
  throw new ProblemError("conflict", `Nothing was done: ${first.path} ${first.message}.`, errors);
}

async function finishAll(
  admitted: Applying,
  steps: readonly Step[],
  input: { readonly seed: Seed; readonly state: ConfigState },
): Promise<Outcome[]> {
  const ids = new Map(input.state.workers.map(({ row }) => [row.name, row.id]));
  const deploys: Outcome[] = [];
  for (const step of steps) {
    const { name } = step.planned.wanted;
    const id = step.created?.row.id ?? ids.get(name);
    if (!id) continue;
    const outcome = await finishStep(admitted, step, { seed: await seedFor(input.seed, name), id });
    if (outcome) deploys.push(outcome);
  }
  return deploys;
}

export async function applyConfig(
  admitted: Applying,
  input: ConfigInput,
  seed: Seed,
): Promise<ConfigView> {
  const { actor, call, project } = admitted;
  const wanted = readWanted(admitted, input.config);
  const names = new Set(wanted.map(({ name }) => name));
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const state = await configState(call.db, project.id, [...names]);
    const groups = new Map(
      state.groups.map(({ name, vars }) => [name, vars.map((one) => one.name)] as const),
    );
    const asked = input.deploy === "changed" ? names : new Set<string>();
    const present = await presentOf(admitted, state, asked);
    const plan = makePlan({ wanted, present, groups, deploy: input.deploy });
    const version = await versionOf(state, names);
    const view = {
      operations: [...plan.operations],
      obstacles: [...plan.obstacles],
      missing: [...plan.missing],
      version,
    };
    if (input.dryRun) return { ...view, applied: false, deploys: [] };
    if (input.expected !== null && input.expected !== version)
      throw new ProblemError(
        "precondition_failed",
        "What is there is not what the plan was made from; look at the plan again.",
      );
    requireClear(plan);
    const steps = await prepareSteps(admitted, plan, { seed, state });
    const created = steps.flatMap((step) => step.created ?? []);
    const changed = steps.flatMap((step) => step.changed ?? []);
    if (!(await storeConfig(call.db, { created, changed, actor: actor.name, at: call.now })))
      continue;
    const deploys = await finishAll(admitted, steps, { seed, state });
    return { ...view, applied: true, deploys };
  }
  throw new ProblemError("conflict", "Others change these workers all the time; try again.");
}
