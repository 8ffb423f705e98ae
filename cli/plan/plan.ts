// What `up` would do, as a list of operations that can be printed: `--dry-run` prints the very list that is carried out.
//
// 1. Pure: what is wanted and what is there go in, operations come out.
// 2. A worker that the file does not name is left alone, and that is said.
// 3. `instances` is only touched where the file says a number: scaling by hand stays otherwise.
// 4. Values of variables can't be read back, so those of the file are sent each time; what is set so already stays.
import type { Schemas } from "../../client/index.ts";
import { sizeText } from "../../client/size.ts";
import { labelText } from "../../client/words.ts";
import type { WantedWorker } from "../file/wanted.ts";

export type PatchBody = Schemas["PatchWorker"];

export interface FieldChange {
  /** As the file calls it. */
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

export type Operation =
  | { readonly type: "create"; readonly worker: WantedWorker; readonly instances: number }
  | {
      readonly type: "change";
      readonly name: string;
      /** Somebody else's change in between is refused (If-Match). */
      readonly specVersion: number;
      readonly patch: PatchBody;
      readonly changes: readonly FieldChange[];
    }
  | { readonly type: "env"; readonly name: string; readonly set: Readonly<Record<string, string>> }
  | { readonly type: "deploy"; readonly name: string; readonly branch: string }
  | { readonly type: "leave"; readonly name: string };

export interface Plan {
  readonly operations: readonly Operation[];
  /** Secrets that have no value yet, by worker; nothing is done while there are any. */
  readonly missing: readonly { readonly worker: string; readonly name: string }[];
}

export interface Present {
  readonly worker: Schemas["WorkerService"];
  /** Names of the variables that have a value. */
  readonly envNames: readonly string[];
}

/** As the file calls them, as the API does, and as people read their values. */
const FIELDS = [
  ["repo", "repo"],
  ["branch", "branch"],
  ["root", "rootDir"],
  ["build", "buildCommand"],
  ["predeploy", "predeployCommand"],
  ["start", "startCommand"],
  ["instances", "instances"],
  ["mode", "mode"],
  ["rollout", "rollout"],
  ["memory", "memoryBytes"],
  ["cpus", "cpus"],
  ["pids", "pids"],
  ["open_files", "openFiles"],
  ["hosts", "hosts"],
  ["stop.signal", "stopSignal"],
  ["stop.grace", "stopGraceMs"],
] as const;

type Key = (typeof FIELDS)[number][1];
type Value = WantedWorker[Key];

function shown(key: Key, value: Value): string {
  if (value === null) return "none";
  if (typeof value === "object") return labelText(value) || "any";
  if (key === "memoryBytes") return sizeText(Number(value));
  return key === "stopGraceMs" ? `${value} ms` : String(value);
}

/** Labels are the same in any order. */
function same(a: Value, b: Value): boolean {
  const flat = (value: Value) =>
    typeof value === "object" && value !== null ? Object.entries(value).sort() : value;
  return JSON.stringify(flat(a)) === JSON.stringify(flat(b));
}

function changeOf(wanted: WantedWorker, { worker }: Present): Operation | null {
  const changes: FieldChange[] = [];
  const patch: Record<string, unknown> = {};
  for (const [field, key] of FIELDS) {
    const to = wanted[key];
    const from = worker[key];
    if (same(to, from) || (key === "instances" && to === null)) continue;
    changes.push({ field, from: shown(key, from), to: shown(key, to) });
    patch[key] = to;
  }
  if (changes.length === 0) return null;
  const { specVersion } = worker;
  return { type: "change", name: wanted.name, specVersion, patch: patch as PatchBody, changes };
}

function operationsOf(wanted: WantedWorker, present: Present | undefined): Operation[] {
  // The first deploy comes with the creation, and so do the variables.
  if (!present) return [{ type: "create", worker: wanted, instances: wanted.instances ?? 1 }];
  const change = changeOf(wanted, present);
  const set = wanted.env;
  return [
    ...(change ? [change] : []),
    ...(Object.keys(set).length > 0 ? [{ type: "env", name: wanted.name, set } as const] : []),
    { type: "deploy", name: wanted.name, branch: wanted.branch },
  ];
}

export function makePlan(wanted: readonly WantedWorker[], present: readonly Present[]): Plan {
  const byName = new Map(present.map((one) => [one.worker.name, one]));
  const names = new Set(wanted.map(({ name }) => name));
  return {
    operations: [
      ...wanted.flatMap((one) => operationsOf(one, byName.get(one.name))),
      ...present
        .filter(({ worker }) => !names.has(worker.name))
        .map(({ worker }): Operation => ({ type: "leave", name: worker.name })),
    ],
    missing: wanted.flatMap(({ name, secrets, env }) => {
      const known = new Set([...(byName.get(name)?.envNames ?? []), ...Object.keys(env)]);
      return secrets
        .filter((secret) => !known.has(secret))
        .map((secret) => ({ worker: name, name: secret }));
    }),
  };
}
