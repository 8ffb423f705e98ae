// `coppice env set`: variables, in force with the next deploy.
import { type Cli, command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { plainFlag } from "../params.ts";
import { type ChangeFlags, changeEnv, changeFlags } from "../plan/env-change.ts";
import { askSecret } from "../prompt.ts";

/** An empty stdin is a slip (a file that is not there, a pipe that failed) rather than a wish. */
async function readValue(cli: Cli, name: string): Promise<string> {
  const value = (await cli.io.stdin.text()).replace(/\r?\n$/, "");
  if (value !== "") return value;
  const message = `Stdin is empty, so there is no value for ${clean(name)}.`;
  throw new CliError(EXIT.usage, message, [`coppice env set ${clean(name)}=   # really no value`]);
}

/** `K=V` as it stands; a bare `K` is asked for without showing it, or read from stdin. */
async function readPairs(cli: Cli, pairs: readonly string[]): Promise<Record<string, string>> {
  const bare = pairs.filter((pair) => !pair.includes("="));
  if (bare.length > 1 && !cli.io.stdin.isTTY) {
    throw new CliError(
      EXIT.usage,
      `Stdin can give one value, not those of ${bare.map(clean).join(", ")}.`,
    );
  }
  const set: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at > 0) set[pair.slice(0, at)] = pair.slice(at + 1);
    else if (at === 0) throw new CliError(EXIT.usage, `\`${clean(pair)}\` has no name.`);
    else
      set[pair] = cli.io.stdin.isTTY
        ? await askSecret(cli, clean(pair))
        : await readValue(cli, pair);
  }
  return set;
}

interface Flags extends ChangeFlags {
  readonly plain?: boolean;
}

export const envSet = command<Flags, string[]>({
  brief: "Set variables",
  more:
    "Sets variables. A NAME without `=` is asked for without showing it, or read from stdin: so a secret stays out of\n" +
    "the shell's history. A worker that only coppice.toml knows yet is made, to be deployed by `coppice up`.",
  examples: [
    "coppice env set LOG_LEVEL=debug -w mailer",
    "coppice env set STRIPE_KEY -w mailer < key.txt",
    "coppice env set LOG_LEVEL=debug --plain --all --deploy",
    "coppice env set DATABASE_URL --group shared --deploy < url.txt",
  ],
  flags: { ...changeFlags, plain: plainFlag },
  aliases: { w: "worker", a: "all", g: "group" },
  positional: {
    kind: "array",
    minimum: 1,
    parameter: { parse: String, placeholder: "NAME=value", brief: "Variables" },
  },
  async run(cli, given, ...pairs) {
    const set = await readPairs(cli, pairs);
    await changeEnv(cli, given, "coppice env set … -w NAME", {
      body: { set, plain: given.plain ?? false },
      words: ({ changed }) =>
        changed.length > 0 ? `set ${changed.map(clean).join(", ")}` : "all set so already",
    });
  },
});
