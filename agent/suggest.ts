// Commands that the files of a repository suggest, for a program that runs on and on. Best guess first.

import type { Suggestion } from "../protocol/channel.ts";

const MOST = 8;
const COMMAND_CHARS = 2_000;

/** Names in the directory, and the text of those that were asked for. */
export interface Files {
  readonly names: ReadonlySet<string>;
  readonly read: (name: string) => string | undefined;
}

/** What is worth reading. */
export const READ_FILES = ["Procfile", "package.json", "pyproject.toml", "Gemfile"] as const;

interface Toolchain {
  readonly source: string;
  readonly buildCommand: string | null;
  readonly startCommands: readonly string[];
}

export function suggest(files: Files): Suggestion[] {
  const toolchains = [node, python, ruby, go].flatMap((find) => find(files) ?? []);
  const buildCommand = toolchains[0]?.buildCommand ?? null;
  const own = procfile(files.read("Procfile") ?? "").map((startCommand) => {
    return { source: "Procfile", startCommand, buildCommand };
  });
  const guessed = toolchains.flatMap(({ source, startCommands, ...chain }) =>
    startCommands.map((startCommand) => {
      return { source, startCommand, buildCommand: chain.buildCommand };
    }),
  );
  return [...own, ...guessed]
    .filter(({ startCommand }) => startCommand.length <= COMMAND_CHARS)
    .slice(0, MOST);
}

/** `worker` first; what serves the web or runs once is none of ours. */
function procfile(text: string): string[] {
  const entries = [...text.matchAll(/^([A-Za-z0-9_-]+):[ \t]*(\S.*?)[ \t\r]*$/gm)].map(
    ([, name = "", command = ""]) => ({ name, command }),
  );
  const fit = entries.filter(({ name }) => name !== "web" && name !== "release");
  return [
    ...fit.filter(({ name }) => name === "worker"),
    ...fit.filter(({ name }) => name !== "worker"),
  ].map(({ command }) => command);
}

function node({ names, read }: Files): Toolchain | null {
  const text = read("package.json");
  if (text === undefined) return null;
  const { dependencies, devDependencies, main, scripts } = parseObject(text);
  const has = (name: string) => typeof field(scripts, name) === "string";
  const manager = names.has("pnpm-lock.yaml") ? "pnpm" : names.has("yarn.lock") ? "yarn" : "npm";
  const isLocked = names.has("package-lock.json") || names.has("npm-shrinkwrap.json");
  const install = {
    pnpm: "pnpm install --frozen-lockfile",
    yarn: "yarn install --frozen-lockfile",
  };
  const needs = [dependencies, devDependencies].some(
    (one) => Object.keys(asObject(one)).length > 0,
  );
  const fetch = manager === "npm" ? (isLocked ? "npm ci" : "npm install") : install[manager];
  const steps = [
    ...(needs || isLocked ? [fetch] : []),
    ...(has("build") ? [`${manager} run build`] : []),
  ];
  const file = typeof main === "string" && /^[\w@./-]+$/.test(main) && !main.startsWith("-");
  return {
    source: "package.json",
    buildCommand: steps.join(" && ") || null,
    startCommands: [
      ...(has("worker") ? [`${manager} run worker`] : []),
      ...(has("start") ? [`${manager} start`] : []),
      ...(file ? [`node ${main}`] : []),
      ...(file ? [] : first(names, ["worker.js", "worker.mjs", "index.js", "server.js"], "node ")),
    ],
  };
}

function python({ names, read }: Files): Toolchain | null {
  const project = read("pyproject.toml");
  const source = names.has("requirements.txt") ? "requirements.txt" : "pyproject.toml";
  if (!names.has(source)) return null;
  const what = source === "requirements.txt" ? "-r requirements.txt" : ".";
  const scripts = /^\[project\.scripts\]\s*$([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(
    project ?? "",
  )?.[1];
  const script = /^\s*"?([A-Za-z0-9_.-]+)"?\s*=/m.exec(scripts ?? "")?.[1];
  return {
    source,
    buildCommand: `python3 -m venv .venv && .venv/bin/pip install ${what}`,
    startCommands: [
      ...(script && source === "pyproject.toml" ? [`.venv/bin/${script}`] : []),
      ...first(names, ["worker.py", "main.py", "bot.py", "app.py"], ".venv/bin/python "),
    ],
  };
}

function ruby({ names, read }: Files): Toolchain | null {
  const gemfile = read("Gemfile");
  if (gemfile === undefined) return null;
  return {
    source: "Gemfile",
    buildCommand: "bundle install",
    startCommands: [
      ...(/^\s*gem\s+["']sidekiq["']/m.test(gemfile) ? ["bundle exec sidekiq"] : []),
      ...first(names, ["worker.rb", "main.rb", "app.rb"], "bundle exec ruby "),
    ],
  };
}

function go({ names }: Files): Toolchain | null {
  if (!names.has("go.mod")) return null;
  return {
    source: "go.mod",
    buildCommand: "go build -o coppice-worker .",
    startCommands: ["./coppice-worker"],
  };
}

function first(names: ReadonlySet<string>, wanted: readonly string[], before: string): string[] {
  const found = wanted.find((name) => names.has(name));
  return found === undefined ? [] : [before + found];
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function field(value: unknown, name: string): unknown {
  const object = asObject(value);
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
