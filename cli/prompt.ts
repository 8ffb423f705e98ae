// Questions, asked only where there is a terminal to answer on; elsewhere it is said which flag answers them.
import type { Cli } from "./command.ts";
import { CliError, EXIT, QuietEnd } from "./exit.ts";
import { clean } from "./output/sanitise.ts";

/** Both ends have to be a terminal: the question goes to stderr, so that stdout stays data. */
function canAsk(cli: Cli): boolean {
  return cli.io.stdin.isTTY && cli.io.stderr.isTTY && !cli.io.env.CI;
}

const onStderr = { output: process.stderr };

function canceled(cli: Cli): never {
  cli.out.note("Nothing was done.");
  throw new QuietEnd(EXIT.interrupted);
}

/** Yes or no; `--yes` answers it. */
export async function confirm(cli: Cli, question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!canAsk(cli)) {
    throw new CliError(EXIT.usage, `${question} There is no terminal to ask on: add --yes.`);
  }
  const { confirm: ask, isCancel } = await import("@clack/prompts");
  const answer = await ask({ message: question, initialValue: true, ...onStderr });
  if (isCancel(answer) || !answer) canceled(cli);
}

/** What cannot be undone wants the name: typed, or given by --confirm. */
export async function confirmName(
  cli: Cli,
  question: { readonly name: string; readonly given: string | undefined; readonly what: string },
): Promise<void> {
  const { name, given, what } = question;
  if (given === name) return;
  if (given !== undefined) {
    throw new CliError(
      EXIT.usage,
      `--confirm says \`${clean(given)}\`, the name is \`${clean(name)}\`.`,
    );
  }
  if (!canAsk(cli)) {
    throw new CliError(
      EXIT.usage,
      `${what} There is no terminal to ask on: add --confirm ${clean(name)}.`,
    );
  }
  const { text, isCancel } = await import("@clack/prompts");
  const answer = await text({ message: `${what} Type \`${clean(name)}\` to do it.`, ...onStderr });
  if (isCancel(answer)) canceled(cli);
  if (answer !== name) throw new CliError(EXIT.failed, "That is not the name; nothing was done.");
}

/** A value that is not shown while it is typed. Only call it where stdin is a terminal. */
export async function askSecret(cli: Cli, what: string): Promise<string> {
  if (!canAsk(cli))
    throw new CliError(EXIT.usage, `${what} is missing, and there is no terminal to ask on.`);
  const { password, isCancel } = await import("@clack/prompts");
  const answer = await password({ message: what, ...onStderr });
  if (isCancel(answer)) canceled(cli);
  return answer;
}
