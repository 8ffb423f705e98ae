// coppice.toml: parsed by smol-toml, judged by the schema of protocol/config.ts: a misspelt `instanses` is told, with the key
// that was probably meant.
import { parse, TomlError } from "smol-toml";
import type * as z from "zod";
import type { Schemas } from "../../client/index.ts";
import { CONFIG_FIELDS, CONFIG_WORKER_FIELDS, CoppiceToml } from "../../protocol/config.ts";
import { CliError, EXIT } from "../exit.ts";
import { didYouMean } from "../near.ts";
import { clean } from "../output/sanitise.ts";

/** The keys that are known where an unknown one stood. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(CONFIG_FIELDS);
  if (path[0] === "workers" && path.length === 2) return Object.keys(CONFIG_WORKER_FIELDS);
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

/** As the API takes it: JSON of what stands in the file. */
export type RawConfig = Schemas["CoppiceToml"];

/** Throws what is wrong, all of it at once. */
export function parseToml(
  text: string,
  file: string,
): { readonly raw: RawConfig; readonly config: CoppiceToml } {
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
  if (result.success) return { raw: raw as RawConfig, config: result.data };
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
