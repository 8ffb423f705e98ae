// How a command is declared: what it takes, what its help says, and what it does. One command per file in commands/.
//
// Every command takes --json, --context and --project, and every help ends with examples.
import {
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandContext,
  type FlagParametersForType,
  type RouteMap,
  type TypedCommandPositionalParameters,
} from "@stricli/core";
import { commandHelp, groupHelp, type HelpInput } from "./help.ts";
import type { Io } from "./io.ts";
import type { Out } from "./output/out.ts";
import type { Common, Session } from "./session.ts";

/** What a running command is given. */
export interface Cli extends CommandContext {
  readonly io: Io;
  readonly out: Out;
  /** Opens the session that the flags ask for, and remembers it for what is said of errors. */
  session(flags: Common): Promise<Session>;
  /** Runs a command's body and turns what it throws into words and an exit code. */
  guard(body: () => Promise<void>): Promise<void>;
}

type Letter = "a" | "f" | "g" | "i" | "n" | "o" | "r" | "s" | "t" | "w" | "y";

interface Declaration<F, A extends readonly unknown[]> {
  readonly brief: string;
  /** More than the brief, where something has to be explained. */
  readonly more?: string;
  readonly examples: readonly string[];
  readonly flags?: FlagParametersForType<F, Cli>;
  readonly aliases?: Readonly<Partial<Record<Letter, keyof F & string>>>;
  readonly positional?: TypedCommandPositionalParameters<A, Cli>["positional"];
  readonly run: (cli: Cli, flags: F & Common, ...args: A) => Promise<void>;
}

const COMMON = {
  json: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Print JSON, one value or one a line",
  },
  context: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "name",
    brief: "Which control plane, of those that you signed in to",
  },
  project: {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "name",
    brief: "Which project, where it is not the one of coppice.toml or the token",
  },
} as const;

/** Titles in bold where the library says that the terminal takes colour. */
export const headIn = (ansiColor: boolean) => (text: string) =>
  ansiColor ? `\u001b[1m${text}\u001b[22m` : text;

export function command<F extends object = object, const A extends readonly unknown[] = []>(
  declared: Declaration<F, A>,
): Command<Cli> {
  const { brief, more = brief, examples, positional, run } = declared;
  const flags = { ...declared.flags, ...COMMON };
  const aliases = { ...declared.aliases, p: "project" };
  const built = buildCommand({
    docs: { brief },
    parameters: { flags, aliases, ...(positional ? { positional } : {}) },
    func(this: Cli, given: F & Common, ...args: A) {
      return this.guard(() => run(this, given, ...args));
    },
    // The declaration is checked against `run` above; the library's own inference does not see through the spread.
  } as never) as Command<Cli>;
  const help = { more, examples, flags, aliases, positional } as unknown as HelpInput;
  return {
    ...built,
    formatHelp: ({ prefix, ansiColor }) => commandHelp(prefix, help, headIn(ansiColor)),
  };
}

/** Commands below a noun; the noun alone lists. */
export function group(
  brief: string,
  routes: Readonly<Record<string, Command<Cli>>>,
): RouteMap<Cli> {
  const built = buildRouteMap<string, Cli>({ routes, defaultCommand: "list", docs: { brief } });
  const entries = Object.entries(routes).map(([name, target]) => [name, target.brief] as const);
  return {
    ...built,
    formatHelp: ({ prefix, ansiColor }) => groupHelp(prefix, { brief, entries }, headIn(ansiColor)),
  };
}
