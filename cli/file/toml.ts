// coppice.toml: parsed by smol-toml, judged by a schema in which no unknown key passes: a misspelt `instanses` is told,
// with the key that was probably meant.
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import { readSize } from "../../client/size.ts";
import { MODE_MEANING, ROLLOUT_MEANING } from "../../client/words.ts";
import {
  branchSchema,
  envNameSchema,
  LIMITS,
  labelsSchema,
  MODES,
  nameSchema,
  ROLLOUTS,
  repoSchema,
  rootDirSchema,
  STOP_SIGNALS,
} from "../../protocol/spec.ts";
import { CliError, EXIT } from "../exit.ts";
import { didYouMean } from "../near.ts";
import { clean } from "../output/sanitise.ts";
import { parseSpan } from "../output/time.ts";

const command = z.string().trim().min(1, "must not be blank").max(LIMITS.commandChars);
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
  mode: `available: ${MODE_MEANING.available}. exclusive: ${MODE_MEANING.exclusive}.`,
  rollout: `start-first: ${ROLLOUT_MEANING["start-first"]}. stop-first: ${ROLLOUT_MEANING["stop-first"]}. An exclusive worker always stops first.`,
  hosts: "Labels that a host must have to run it; `region` stands for the host's region.",
} as const;

const workerFields = {
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
  secrets: z.array(envNameSchema).optional().meta({ description: ABOUT.secrets }),
  env: variables.optional().meta({ description: ABOUT.env }),
};
export const WorkerTable = z.strictObject(workerFields);

const fileFields = {
  project: nameSchema.optional(),
  repo: repoSchema.optional(),
  branch: branchSchema.optional(),
  root: rootDirSchema.optional().meta({ description: ABOUT.root }),
  secrets: z.array(envNameSchema).optional().meta({ description: ABOUT.secrets }),
  env: variables.optional().meta({ description: ABOUT.env }),
  workers: z.record(nameSchema, WorkerTable).refine((all) => Object.keys(all).length > 0, {
    message: "must have at least one worker, such as [workers.mailer]",
  }),
};
/** The file as a schema; scripts/toml-schema.ts makes the published JSON Schema of it. */
export const CoppiceToml = z.strictObject(fileFields);
export type CoppiceToml = z.infer<typeof CoppiceToml>;

/** The keys that are known where an unknown one stood. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(fileFields);
  if (path[0] === "workers" && path.length === 2) return Object.keys(workerFields);
  return path.at(-1) === "stop" ? ["signal", "grace"] : [];
}

function sentences(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const where = path === "" ? "" : ` in [${path}]`;
      return `\`${key}\`${where} is not known.${didYouMean(key, keysAt(issue.path))}`;
    });
  }
  if (issue.code === "invalid_key") {
    const [inner] = issue.issues;
    return [`${path}: ${inner?.message ?? "is not a valid name"}`];
  }
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return [
    `${path || "the file"}: ${missing && /received undefined/.test(issue.message) ? "is missing" : issue.message}`,
  ];
}

/** Throws what is wrong, all of it at once. */
export function parseToml(text: string, file: string): CoppiceToml {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = "is not valid TOML"] = error.message.split("\n");
    throw new CliError(
      EXIT.failed,
      `${file}:${error.line}:${error.column}: ${what.replace("Invalid TOML document: ", "")}.\n${clean(text.split("\n")[error.line - 1] ?? "")}`,
    );
  }
  const result = CoppiceToml.safeParse(raw, { reportInput: true });
  if (result.success) return result.data;
  const wrong = result.error.issues.flatMap(sentences).map(clean);
  const [first = "is not valid"] = wrong;
  throw new CliError(
    EXIT.failed,
    wrong.length === 1
      ? `${file}: ${first}`
      : `${file}:\n${wrong.map((line) => `  ${line}`).join("\n")}`,
    ["coppice init --help"],
  );
}
