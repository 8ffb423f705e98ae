// The text of a new coppice.toml: short, with what one may want to add standing there as comments.
import { MODE_MEANING } from "../../client/words.ts";

export interface NewFile {
  /** Address of the JSON Schema, for editors; null where there is none that lasts. */
  readonly schema: string | null;
  readonly project: string | null;
  readonly repo: string;
  readonly branch: string;
  readonly rootDir: string;
  readonly buildCommand: string | null;
  readonly predeploy: string | null;
  readonly workers: readonly { readonly name: string; readonly startCommand: string }[];
}

/** A TOML string: what JSON writes is one, but for DEL. */
const text = (value: string) => JSON.stringify(value).replaceAll("\u007f", "\\u007F");

/** What one may ask for besides; it stands once, below the first worker. */
const MORE = [
  '# memory = "512M"    # set aside on the host for each instance; `cpus = 0.5`, `pids = 200`, `open_files = 1024` likewise',
  '# hosts = { region = "eu" }    # labels that a host must have',
  '# rollout = "stop-first"    # never one more than `instances`, but one fewer for a while at each deploy',
  '# mode = "exclusive"    # instead of "available":',
  ...MODE_MEANING.exclusive.split("; ").map((part) => `#     ${part}`),
];

export function tomlText(file: NewFile): string {
  const head = [
    ...(file.schema ? [`#:schema ${file.schema}`] : []),
    "# What Coppice keeps running from this repository. `coppice up` puts it into force.",
    ...(file.project ? [`project = ${text(file.project)}`] : []),
    `repo = ${text(file.repo)}`,
    `branch = ${text(file.branch)}`,
    ...(file.rootDir === "." ? [] : [`root = ${text(file.rootDir)}`]),
    '# secrets = ["STRIPE_KEY"]    # named here; the values go in with `coppice env set`',
    "",
    "# [env]",
    '# LOG_LEVEL = "info"',
  ];
  const workers = file.workers.flatMap(({ name, startCommand }, at) => [
    "",
    `[workers.${name}]`,
    ...(file.buildCommand ? [`build = ${text(file.buildCommand)}`] : []),
    ...(file.predeploy ? [`predeploy = ${text(file.predeploy)}`] : []),
    `start = ${text(startCommand)}`,
    "# instances = 2    # where left out: 1 at first, then as `coppice scale` has it",
    ...(at === 0 ? MORE : []),
  ]);
  return `${[...head, ...workers].join("\n")}\n`;
}
