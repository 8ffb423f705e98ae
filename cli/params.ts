// Parameters that several commands take, and how they are read.
import type { Cli } from "./command.ts";
import { parseSpan } from "./output/time.ts";
import { openSession, type Session } from "./session.ts";

/** Names for the shell's completion; none where they can't be had quickly. */
async function namesOf(
  cli: Cli,
  partial: string,
  read: (session: Session) => Promise<readonly { readonly name: string }[]>,
): Promise<string[]> {
  try {
    const session = await openSession(cli.io, {});
    const quick = new Promise<never[]>((done) => setTimeout(() => done([]), 800).unref());
    const found = await Promise.race([read(session), quick]);
    return found.map(({ name }) => name).filter((name) => name.startsWith(partial));
  } catch {
    return [];
  }
}

export function proposeWorkers(this: Cli, partial: string): Promise<string[]> {
  return namesOf(this, partial, (session) => session.workers());
}

function proposeHosts(this: Cli, partial: string): Promise<string[]> {
  return namesOf(this, partial, (session) => session.hosts());
}

export const workerArgument = {
  parse: String,
  placeholder: "worker",
  brief: "The worker; may be left out where there is only one",
  optional: true,
  proposeCompletions: proposeWorkers,
} as const;

export const hookArgument = { parse: String, placeholder: "hook", brief: "Its id" } as const;

export const workerList = {
  kind: "array",
  parameter: {
    parse: String,
    placeholder: "worker",
    brief: "Workers; those of coppice.toml, else all, where left out",
    proposeCompletions: proposeWorkers,
  },
} as const;

export const workerFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  placeholder: "name",
  brief: "The worker; may be left out where there is only one",
  proposeCompletions: proposeWorkers,
} as const;

function proposeGroups(this: Cli, partial: string): Promise<string[]> {
  return namesOf(this, partial, (session) => session.groups());
}

export const groupParameter = {
  parse: String,
  placeholder: "group",
  brief: "The group",
  proposeCompletions: proposeGroups,
} as const;

export const groupFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  placeholder: "name",
  brief: "A group of variables instead of a worker's own",
  proposeCompletions: proposeGroups,
} as const;

export const hostArgument = {
  kind: "tuple",
  parameters: [
    { parse: String, placeholder: "host", brief: "The host", proposeCompletions: proposeHosts },
  ],
} as const;

export const plainFlag = {
  kind: "boolean",
  optional: true,
  withNegated: false,
  brief: "No secret: the values are not masked in logs",
} as const;

export const yesFlag = {
  kind: "boolean",
  optional: true,
  withNegated: false,
  brief: "Do it without asking",
} as const;

export const waitFlag = {
  kind: "boolean",
  default: true,
  brief: "Follow the deploy until it is live or has failed",
} as const;

/** `10m`, in ms. */
export function readSpan(text: string): number {
  const ms = parseSpan(text);
  if (ms === null || ms <= 0) throw new Error("must be a duration such as 30s, 10m or 1h30m");
  return ms;
}

export const timeoutFlag = {
  kind: "parsed",
  parse: readSpan,
  optional: true,
  placeholder: "duration",
  brief: "Stop following after this long, with exit code 124",
} as const;

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Error(`must be a whole number from ${least} to ${most}`);
  };
}

/** `v12` or `12`. */
export function readRelease(text: string): number {
  const number = /^v?(\d{1,9})$/.exec(text)?.[1];
  if (number && Number(number) > 0) return Number(number);
  throw new Error("must be a release such as v12");
}
