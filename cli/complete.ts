// What a shell is told when TAB is pressed: commands, the commands of a group, names of workers, values of flags.
//
// 1. The last word is the one that is being typed; it may be empty.
// 2. Flags are proposed once a dash was typed, or where there is nothing else to propose.
import { proposeCompletions, type RouteMap } from "@stricli/core";
import { translate } from "./aliases.ts";
import { app, ROUTES } from "./app.ts";
import type { Cli } from "./command.ts";

export interface Proposal {
  readonly completion: string;
  readonly brief: string;
}

/** The commands of a group such as `env`, which alone is its `list`. */
function membersOf(name: string): readonly Proposal[] {
  const group: object | undefined = Object.hasOwn(ROUTES, name)
    ? ROUTES[name as keyof typeof ROUTES]
    : undefined;
  if (group === undefined || !("getAllEntries" in group)) return [];
  const entries = (group as RouteMap<Cli>).getAllEntries();
  return entries.map(({ name, target }) => ({ completion: name.original, brief: target.brief }));
}

export async function propose(cli: Cli, words: readonly string[]): Promise<readonly Proposal[]> {
  const partial = words.at(-1) ?? "";
  const inputs = words.length > 1 ? translate(words) : words;
  const members = inputs.length === 2 ? membersOf(inputs[0] ?? "") : [];
  const found = [
    ...members,
    ...(await proposeCompletions(app, inputs, cli)).filter(({ completion }) => completion !== "--"),
  ].filter(({ completion }) => completion.startsWith(partial));
  const plain = found.filter(({ completion }) => !completion.startsWith("-"));
  return partial.startsWith("-") || plain.length === 0 ? found : plain;
}
