// `coppice env import`: the variables of a .env file.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { plainFlag } from "../params.ts";
import { type ChangeFlags, changeEnv, changeFlags } from "../plan/env-change.ts";

interface Flags extends ChangeFlags {
  readonly replace?: boolean;
  readonly plain?: boolean;
}

export const envImport = command<Flags, [string]>({
  brief: "Set the variables of a .env file",
  examples: [
    "coppice env import .env -w mailer",
    "coppice env import - -w mailer < .env",
    "coppice env import .env --replace",
    "coppice env import shared.env --group shared",
  ],
  flags: {
    ...changeFlags,
    plain: plainFlag,
    replace: {
      kind: "boolean",
      optional: true,
      withNegated: false,
      brief: "Unset whatever the file does not name",
    },
  },
  aliases: { w: "worker", a: "all", g: "group" },
  positional: {
    kind: "tuple",
    parameters: [{ parse: String, placeholder: "file", brief: "A file, or - for stdin" }],
  },
  async run(cli, given, file) {
    let dotenv: string;
    try {
      dotenv =
        file === "-" ? await cli.io.stdin.text() : readFileSync(resolve(cli.io.cwd, file), "utf8");
    } catch {
      throw new CliError(EXIT.usage, `${clean(file)} can't be read.`);
    }
    await changeEnv(cli, given, `coppice env import ${clean(file)} -w NAME`, {
      body: { dotenv, replace: given.replace ?? false, plain: given.plain ?? false },
      words: (env) =>
        `imported ${clean(file)}: ${env.changed.length} changed, ${env.items.length} variables now`,
    });
  },
});
