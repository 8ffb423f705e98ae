// `coppice repo auth`: what opens a worker's private repository. It is read from a file or from stdin, never an argument.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ok } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { workerArgument } from "../params.ts";
import { askSecret } from "../prompt.ts";

interface Flags {
  readonly key?: string;
  readonly knownHosts?: string;
  readonly username?: string;
}

function readText(cli: Cli, file: string): string {
  try {
    return readFileSync(resolve(cli.io.cwd, file), "utf8");
  } catch {
    throw new CliError(EXIT.usage, `${clean(file)} can't be read.`);
  }
}

async function readToken(cli: Cli): Promise<string> {
  const token = cli.io.stdin.isTTY
    ? await askSecret(cli, "Token")
    : (await cli.io.stdin.text()).trim();
  if (token !== "") return token;
  throw new CliError(EXIT.usage, "Stdin is empty, so there is no token.", [
    "coppice repo auth mailer < token.txt",
    "coppice repo auth mailer --key deploy_key",
  ]);
}

export const repoAuth = command<Flags, [string?]>({
  brief: "Set a token or a deploy key for a private repository",
  more:
    "Sets what opens a worker's private repository, in force with the next deploy: a token for https (asked for without\n" +
    "showing it, or read from stdin), or with --key a deploy key for ssh. It is stored sealed, never given back, and shown\n" +
    "to that repository's server alone: where the worker's `repo` moves to another one, set it again.",
  examples: [
    "coppice repo auth mailer < token.txt",
    "coppice repo auth mailer --key deploy_key --known-hosts known_hosts",
  ],
  flags: {
    key: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "file",
      brief: "A private key without a passphrase",
    },
    knownHosts: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "file",
      brief: "Believe only these servers; else the first key that a server shows is kept",
    },
    username: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "name",
      brief: "Of the token, where the forge asks for a certain one",
    },
  },
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const { key, knownHosts, username } = flags;
    if (key === undefined && knownHosts !== undefined)
      throw new CliError(EXIT.usage, "--known-hosts goes with --key.");
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice repo auth NAME");
    const body =
      key === undefined
        ? {
            kind: "token" as const,
            token: await readToken(cli),
            ...(username === undefined ? {} : { username }),
          }
        : {
            kind: "ssh_key" as const,
            privateKey: readText(cli, key),
            knownHosts: knownHosts === undefined ? null : readText(cli, knownHosts),
          };
    const view = await ok(
      session.client.PUT("/v1/projects/{project}/workers/{worker}/git-credential", {
        params: { path: await session.at(worker.id) },
        body,
      }),
    );
    if (flags.json) return cli.out.json(view);
    const what = view.kind === "token" ? "token" : "deploy key";
    cli.out.line(`${clean(worker.name)}  ${what} set, in force with the next deploy`);
  },
});
