// coppice.toml: what may stand in it, and the workers that it comes to. The command line reads the file with this, the API
// takes the same as JSON, and the published JSON Schema is made of it.
//
// 1. No unknown key passes.
// 2. No worker comes of it that could not be made by itself: what `CreateWorker` refuses is refused here.
// 3. What the top says holds for every worker that does not say otherwise; variables, secrets and groups are added to it.
import * as z from "zod";
import { parseSpan } from "./duration.ts";
import type { FieldError } from "./problems.ts";
import { readSize } from "./size.ts";
import {
  branchSchema,
  CreateWorker,
  commandSchema,
  envNameSchema,
  groupsSchema,
  LIMITS,
  labelsSchema,
  MODES,
  nameSchema,
  pathsSchema,
  ROLLOUTS,
  repoSchema,
  rootDirSchema,
  STOP_SIGNALS,
} from "./spec.ts";
import { MODE_MEANING, ROLLOUT_MEANING } from "./words.ts";

const command = z
  .string()
  .trim()
  .min(1, "must not be blank")
  .max(LIMITS.commandChars)
  .pipe(commandSchema);
const variables = z.record(
  envNameSchema,
  z
    .union([z.string(), z.number(), z.boolean()], "must be a text, a number, true or false")
    .transform(String),
);
const grace = z
  .string()
  .transform((text) => parseSpan(text) ?? Number.NaN)
  .refine((ms) => ms >= 1_000 && ms <= 3_600_000, "must be from 1s to 1h, such as 30s");

const MEMORY = "must be a size from 4M to 32768G, such as 512M or 1.5G";
const memory = z
  .string(MEMORY)
  .regex(/^\d+(\.\d+)?[BKMG]$/, MEMORY)
  .transform((text) => readSize(text) ?? Number.NaN)
  .refine((bytes) => bytes >= 4_194_304 && bytes <= 2 ** 45, MEMORY);
const CPUS = "must be a number of cores from 0.01 to 1024, such as 0.5";

/** Read by editors that know the published schema. */
const ABOUT = {
  secrets: "Names of variables that must have a value before anything is deployed.",
  env: "Variables. Secrets are named in `secrets` instead, and set with `coppice env set`.",
  root: "A folder of the repository.",
  build: "Run once for each release, on a host.",
  predeploy:
    "Run once per deploy on one host, after the build and before the rollout. Where it fails, nothing is rolled out.",
  start: "Run by a shell for each instance. Each exit of it is a crash, and it is started again.",
  instances: "How many are kept running. Left out: 1 at first, then as `coppice scale` has it.",
  memory:
    "Set aside on the host for each instance, such as 512M or 1.5G; one that takes more is killed.",
  cpus: "Set aside on the host for each instance, in cores, such as 0.5; it gets no more.",
  pids: "Processes and threads that an instance may have at once.",
  openFiles: "Files that each process of an instance may have open at once.",
  stop: "How an instance is asked to end, and how long it has before KILL.",
  rollout: `start-first: ${ROLLOUT_MEANING["start-first"]}. stop-first: ${ROLLOUT_MEANING["stop-first"]}. An exclusive worker always stops first.`,
  mode: `available: ${MODE_MEANING.available}. exclusive: ${MODE_MEANING.exclusive}.`,
  groups: "Groups of variables; a later one beats an earlier one, and `env` beats them all.",
  paths:
    "Which changed files make a push deploy it, as globs from the top of the repository; those below `root` where left out.",
  hosts: "Labels that a host must have to run it; `region` stands for the host's region.",
} as const;

export const CONFIG_WORKER_FIELDS = {
  repo: repoSchema.optional(),
  branch: branchSchema.optional(),
  root: rootDirSchema.optional().meta({ description: ABOUT.root }),
  build: command.optional().meta({ description: ABOUT.build }),
  predeploy: command.optional().meta({ description: ABOUT.predeploy }),
  start: command.meta({ description: ABOUT.start }),
  instances: z.int().min(0).max(LIMITS.instances).optional().meta({ description: ABOUT.instances }),
  memory: memory.optional().meta({ description: ABOUT.memory }),
  cpus: z
    .number(CPUS)
    .min(0.01, CPUS)
    .max(1_024, CPUS)
    .optional()
    .meta({ description: ABOUT.cpus }),
  pids: z.int().min(LIMITS.leastPids).max(4_194_304).optional().meta({ description: ABOUT.pids }),
  open_files: z
    .int()
    .min(LIMITS.leastOpenFiles)
    .max(1_048_576)
    .optional()
    .meta({ description: ABOUT.openFiles }),
  stop: z
    .strictObject({ signal: z.enum(STOP_SIGNALS).optional(), grace: grace.optional() })
    .optional()
    .meta({ description: ABOUT.stop }),
  mode: z.enum(MODES).optional().meta({ description: ABOUT.mode }),
  rollout: z.enum(ROLLOUTS).optional().meta({ description: ABOUT.rollout }),
  hosts: labelsSchema.optional().meta({ description: ABOUT.hosts }),
  groups: groupsSchema.optional().meta({ description: ABOUT.groups }),
  paths: pathsSchema.optional().meta({ description: ABOUT.paths }),
  secrets: z.array(envNameSchema).optional().meta({ description: ABOUT.secrets }),
  env: variables.optional().meta({ description: ABOUT.env }),
};
export const WorkerTable = z.strictObject(CONFIG_WORKER_FIELDS);

export const CONFIG_FIELDS = {
  project: nameSchema.optional(),
  repo: repoSchema.optional(),
  branch: branchSchema.optional(),
  root: rootDirSchema.optional().meta({ description: ABOUT.root }),
  groups: groupsSchema.optional().meta({ description: ABOUT.groups }),
  secrets: z.array(envNameSchema).optional().meta({ description: ABOUT.secrets }),
  env: variables.optional().meta({ description: ABOUT.env }),
  workers: z
    .record(nameSchema, WorkerTable)
    .refine((all) => Object.keys(all).length > 0, {
      message: "must have at least one worker, such as [workers.mailer]",
    })
    .refine((all) => Object.keys(all).length <= LIMITS.configWorkers, {
      message: `must not have more than ${LIMITS.configWorkers} workers`,
    }),
};
/** The file as a schema; scripts/toml-schema.ts makes the published JSON Schema of it. */
export const CoppiceToml = z.strictObject(CONFIG_FIELDS);
export type CoppiceToml = z.infer<typeof CoppiceToml>;

export interface WantedWorker {
  readonly name: string;
  readonly repo: string;
  readonly branch: string;
  readonly rootDir: string;
  readonly buildCommand: string | null;
  readonly predeployCommand: string | null;
  readonly startCommand: string;
  /** Null where the file says nothing: one at first, later whatever it was scaled to. */
  readonly instances: number | null;
  readonly mode: (typeof MODES)[number];
  readonly rollout: (typeof ROLLOUTS)[number];
  /** Limits of each instance; null where the file says nothing: then there is none. */
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly pids: number | null;
  readonly openFiles: number | null;
  /** Labels that a host must have. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The weakest first. */
  readonly groups: readonly string[];
  /** Globs of the files that make a push deploy it; empty for those below its folder. */
  readonly paths: readonly string[];
  readonly stopSignal: (typeof STOP_SIGNALS)[number];
  readonly stopGraceMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that must have a value before it is deployed. */
  readonly secrets: readonly string[];
}

/** As the file calls what the spec calls otherwise. */
const FILE_NAMES: Readonly<Record<string, string>> = {
  ...{ rootDir: "root", buildCommand: "build", predeployCommand: "predeploy" },
  ...{ startCommand: "start", memoryBytes: "memory", openFiles: "open_files" },
  ...{ stopSignal: "stop.signal", stopGraceMs: "stop.grace" },
};

/** Why it could not be made by itself; empty where it could. */
function refusals({ secrets: _, instances, ...asked }: WantedWorker): FieldError[] {
  const parsed = CreateWorker.safeParse({ ...asked, instances: instances ?? 1 });
  return (parsed.error?.issues ?? []).map(({ message, path: [field, ...below] }) => {
    const name = FILE_NAMES[String(field)] ?? field;
    return { path: ["workers", asked.name, name, ...below].map(String).join("."), message };
  });
}

/** The workers, and what is missing or wrong of some: then they are not among them. */
export function workersOfConfig(config: CoppiceToml): {
  readonly workers: readonly WantedWorker[];
  readonly errors: readonly FieldError[];
} {
  const errors: FieldError[] = [];
  const workers = Object.entries(config.workers).flatMap(([name, worker]): WantedWorker[] => {
    const repo = worker.repo ?? config.repo;
    if (!repo) {
      errors.push({ path: `workers.${name}.repo`, message: "is missing, here and at the top" });
      return [];
    }
    const wanted: WantedWorker = {
      name,
      repo,
      branch: worker.branch ?? config.branch ?? "main",
      rootDir: worker.root ?? config.root ?? ".",
      buildCommand: worker.build ?? null,
      predeployCommand: worker.predeploy ?? null,
      startCommand: worker.start,
      instances: worker.instances ?? null,
      mode: worker.mode ?? "available",
      rollout: worker.rollout ?? "start-first",
      memoryBytes: worker.memory ?? null,
      cpus: worker.cpus ?? null,
      pids: worker.pids ?? null,
      openFiles: worker.open_files ?? null,
      hosts: worker.hosts ?? {},
      groups: [...new Set([...(config.groups ?? []), ...(worker.groups ?? [])])],
      paths: worker.paths ?? [],
      stopSignal: worker.stop?.signal ?? "SIGTERM",
      stopGraceMs: worker.stop?.grace ?? 30_000,
      env: { ...config.env, ...worker.env },
      secrets: [...new Set([...(config.secrets ?? []), ...(worker.secrets ?? [])])],
    };
    const wrong = refusals(wanted);
    errors.push(...wrong);
    return wrong.length > 0 ? [] : [wanted];
  });
  return { workers, errors };
}
