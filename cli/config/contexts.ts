// The contexts that `coppice login` remembers: one for each control plane. A file under XDG, 0600, replaced as a whole.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { CliError, EXIT } from "../exit.ts";

export interface SavedContext {
  readonly url: string;
  readonly token: string;
  readonly project: string | null;
}

export interface Contexts {
  readonly current: string | null;
  readonly contexts: Readonly<Record<string, SavedContext>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function configFile(env: Environment): string {
  const base = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config");
  return join(base, "coppice", "config.json");
}

function isContext(value: unknown): value is SavedContext {
  if (typeof value !== "object" || value === null) return false;
  const { url, token } = value as Partial<SavedContext>;
  return typeof url === "string" && typeof token === "string";
}

export function readContexts(env: Environment): Contexts {
  const file = configFile(env);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return { current: null, contexts: {} };
  }
  try {
    const { current, contexts } = JSON.parse(text) as Partial<Contexts>;
    const known = Object.entries(contexts ?? {}).filter(([, value]) => isContext(value));
    return { current: current ?? null, contexts: Object.fromEntries(known) };
  } catch {
    throw new CliError(EXIT.failed, `${file} is not valid JSON: mend or remove it.`, [
      "coppice login URL",
    ]);
  }
}

export function writeContexts(env: Environment, contexts: Contexts): void {
  const file = configFile(env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}
