// What a coppice.toml would do, as a list of operations that can be printed: a dry run answers with the very list that is
// carried out.
//
// 1. Pure: what is wanted and what is there go in, operations come out.
// 2. A worker that the file does not name is left alone, and that is said.
// 3. `instances` is only touched where the file says a number: scaling by hand stays otherwise.
// 4. Values of variables are never compared here: a dry run must not be a way to find out a secret by guessing.
import type { WantedWorker } from "../../../protocol/config.ts";
import type { FieldError } from "../../../protocol/problems.ts";
import type { ConfigOperation, PutConfigQuery } from "../../../protocol/rest.ts";
import { sizeText } from "../../../protocol/size.ts";
import type { WorkerSpec } from "../../../protocol/spec.ts";
import type { NewestDeploy } from "../../rpc.ts";

export interface Present {
  readonly name: string;
  readonly spec: WorkerSpec;
  readonly specVersion: number;
  /** Names of its own variables. */
  readonly envNames: readonly string[];
  /** Nothing was ever deployed. */
  readonly isNew: boolean;
  /** Its variables are not those of its newest release that is live or on its way. */
  readonly envChanged: boolean;
  /** That release, by what it is made of; null where it is not known: then only what the file changes tells. */
  readonly newest: Pick<NewestDeploy, "made" | "ref"> | null;
}

export interface PlanInput {
  readonly wanted: readonly WantedWorker[];
  readonly present: readonly Present[];
  /** Names in each group of the project. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly deploy: PutConfigQuery["deploy"];
}

export interface Planned {
  readonly wanted: WantedWorker;
  /** Null where it is to be made. */
  readonly present: Present | null;
  /** Empty where the spec stays. */
  readonly patch: Partial<WorkerSpec>;
  readonly deploy: "now" | "if_env_differs" | "no";
}

export interface Plan {
  readonly operations: readonly ConfigOperation[];
  readonly planned: readonly Planned[];
  readonly obstacles: readonly FieldError[];
  readonly missing: readonly { readonly worker: string; readonly name: string }[];
}

/** As the file calls them and as the spec does; `release` where a change acts with a deploy. */
const FIELDS = [
  ["repo", "repo", "release"],
  ["branch", "branch", "release"],
  ["root", "rootDir", "release"],
  ["build", "buildCommand", "release"],
  ["predeploy", "predeployCommand", "release"],
  ["start", "startCommand", "release"],
  ["instances", "instances", "at once"],
  ["mode", "mode", "release"],
  ["rollout", "rollout", "at once"],
  ["memory", "memoryBytes", "release"],
  ["cpus", "cpus", "release"],
  ["pids", "pids", "release"],
  ["open_files", "openFiles", "release"],
  ["hosts", "hosts", "at once"],
  ["groups", "groups", "release"],
  ["paths", "paths", "at once"],
  ["stop.signal", "stopSignal", "release"],
  ["stop.grace", "stopGraceMs", "release"],
] as const;

type Key = (typeof FIELDS)[number][1];
type Value = WantedWorker[Key];

function shown(key: Key, value: Value): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.join(", ") || "none";
  if (typeof value === "object") {
    const labels = Object.entries(value).map(([name, one]) => `${name}=${one}`);
    return labels.join(", ") || "any";
  }
  if (key === "memoryBytes") return sizeText(Number(value));
  return key === "stopGraceMs" ? `${value} ms` : String(value);
}

/** Labels are the same in any order; groups are not. */
function same(a: Value, b: Value): boolean {
  const flat = (value: Value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).sort()
      : value;
  return JSON.stringify(flat(a)) === JSON.stringify(flat(b));
}

function changesOf(wanted: WantedWorker, { spec }: Present) {
  return FIELDS.flatMap(([field, key, acts]) => {
    const [from, to] = [spec[key], wanted[key]];
    if (same(to, from) || (key === "instances" && to === null)) return [];
    return [{ field, key, acts, from: shown(key, from), to: shown(key, to), value: to }];
  });
}

function createOperation(wanted: WantedWorker, deploy: boolean): ConfigOperation {
  const skipped = new Set<Key>(["instances", "mode", "stopSignal", "stopGraceMs"]);
  const isUsual = (key: Key) =>
    (key === "rootDir" && wanted.rootDir === ".") ||
    (key === "rollout" && (wanted.rollout === "start-first" || wanted.mode === "exclusive"));
  return {
    type: "create",
    name: wanted.name,
    fields: FIELDS.flatMap(([field, key]) => {
      const value = shown(key, wanted[key]);
      const usual = value === "none" || value === "any" || isUsual(key);
      return usual || skipped.has(key) ? [] : [{ field, value }];
    }),
    instances: wanted.instances ?? 1,
    mode: wanted.mode,
    env: Object.keys(wanted.env).sort(),
    deploy,
  };
}

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Whether a deploy would bring another release than the newest one. */
function bringsOther(wanted: WantedWorker, { made, ref }: NonNullable<Present["newest"]>): boolean {
  // Whoever asked for a commit asked for just that; the branch goes on from there.
  if (ref !== null && ref !== wanted.branch && !COMMIT.test(ref)) return true;
  const all: Partial<Record<Key, Value>> = made;
  return FIELDS.some(([, key, acts]) => {
    const is = all[key];
    return acts === "release" && is !== undefined && !same(is, wanted[key]);
  });
}

function deployOf(
  wanted: WantedWorker,
  present: Present,
  input: {
    readonly acts: readonly string[];
    /** Other groups, or in another order. */
    readonly regrouped: boolean;
    readonly deploy: PlanInput["deploy"];
  },
): Planned["deploy"] {
  if (input.deploy === "never") return "no";
  const { envChanged, isNew, newest } = present;
  const differs = newest ? bringsOther(wanted, newest) : input.acts.includes("release");
  const due = isNew || envChanged || differs || input.regrouped;
  if (input.deploy === "always" || due) return "now";
  return Object.keys(wanted.env).length > 0 ? "if_env_differs" : "no";
}

function planOne(
  wanted: WantedWorker,
  present: Present | undefined,
  deploy: PlanInput["deploy"],
): { readonly planned: Planned; readonly operations: readonly ConfigOperation[] } {
  const { branch, name } = wanted;
  if (!present) {
    const at = deploy === "never" ? "no" : "now";
    return {
      planned: { wanted, present: null, patch: {}, deploy: at },
      operations: [createOperation(wanted, at === "now")],
    };
  }
  const changes = changesOf(wanted, present);
  const acts = changes.map((one) => one.acts);
  const regrouped = changes.some(({ key }) => key === "groups");
  const when = deployOf(wanted, present, { acts, regrouped, deploy });
  const patch = Object.fromEntries(changes.map(({ key, value }) => [key, value]));
  const set = Object.keys(wanted.env).sort();
  const { specVersion } = present;
  const told = changes.map(({ field, from, to }) => ({ field, from, to }));
  return {
    planned: { wanted, present, patch: patch as Partial<WorkerSpec>, deploy: when },
    operations: [
      ...(told.length > 0 ? [{ type: "change", name, specVersion, changes: told } as const] : []),
      ...(set.length > 0 ? [{ type: "env", name, set } as const] : []),
      ...(when === "no" ? [] : [{ type: "deploy", name, branch, when } as const]),
    ],
  };
}

function obstaclesOf({ groups, wanted }: PlanInput): FieldError[] {
  return wanted.flatMap((worker) =>
    worker.groups
      .filter((name) => !groups.has(name))
      .map((name) => ({
        path: `workers.${worker.name}.groups`,
        message: `there is no group ${name}`,
      })),
  );
}

export function makePlan(input: PlanInput): Plan {
  const byName = new Map(input.present.map((one) => [one.name, one]));
  const names = new Set(input.wanted.map(({ name }) => name));
  const all = input.wanted.map((one) => planOne(one, byName.get(one.name), input.deploy));
  return {
    operations: [
      ...all.flatMap(({ operations }) => operations),
      ...input.present
        .filter(({ name }) => !names.has(name))
        .map(({ name }): ConfigOperation => ({ type: "leave", name })),
    ],
    planned: all.map(({ planned }) => planned),
    obstacles: obstaclesOf(input),
    missing: input.wanted.flatMap(({ name, secrets, env, groups }) => {
      const known = new Set([
        ...(byName.get(name)?.envNames ?? []),
        ...Object.keys(env),
        ...groups.flatMap((group) => input.groups.get(group) ?? []),
      ]);
      return secrets
        .filter((secret) => !known.has(secret))
        .map((secret) => ({ worker: name, name: secret }));
    }),
  };
}
