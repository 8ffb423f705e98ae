// coppice.toml: parsed by smol-toml, judged by a schema in which no unknown key passes: a misspelt `instanses` is told,
// with the key that was probably meant.
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import {
  branchSchema,
  envNameSchema,
  LIMITS,
  MODES,
  nameSchema,
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

const workerFields = {
  repo: repoSchema.optional(),
  branch: branchSchema.optional(),
  root: rootDirSchema.optional(),
  build: command.optional(),
  predeploy: command.optional(),
  start: command,
  instances: z.int().min(0).max(LIMITS.instances).optional(),
  memory: z
    .string()
    .regex(/^\d+[KMG]$/, "must be a size such as 512M")
    .optional(),
  stop: z
    .strictObject({ signal: z.enum(STOP_SIGNALS).optional(), grace: grace.optional() })
    .optional(),
  mode: z.enum(MODES).optional(),
  hosts: z.record(z.string(), z.string()).optional(),
  secrets: z.array(envNameSchema).optional(),
  env: variables.optional(),
};
export const WorkerTable = z.strictObject(workerFields);

const fileFields = {
  project: nameSchema.optional(),
  repo: repoSchema.optional(),
  branch: branchSchema.optional(),
  root: rootDirSchema.optional(),
  secrets: z.array(envNameSchema).optional(),
  env: variables.optional(),
  workers: z.record(nameSchema, WorkerTable).refine((all) => Object.keys(all).length > 0, {
    message: "must have at least one worker, such as [workers.mailer]",
  }),
};
/** The file as a schema: `npm run build` could publish it as JSON Schema from here. */
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
