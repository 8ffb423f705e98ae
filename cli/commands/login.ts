// `coppice login`: a token from stdin, or one that a person approves in the browser; remembered as a context.
import { hostname } from "node:os";
import { type Client, makeClient, ok, pause, type Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { readContexts, writeContexts } from "../config/contexts.ts";
import { findPlace } from "../config/place.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { askSecret } from "../prompt.ts";

interface Flags {
  readonly tokenStdin?: boolean;
  readonly device?: boolean;
}

function addressOf(text: string): string {
  const scheme = /^(localhost|127\.|\[::1\])/.test(text) ? "http" : "https";
  const url = /^https?:\/\//.test(text) ? text : `${scheme}://${text}`;
  if (!URL.canParse(url)) throw new CliError(EXIT.usage, `\`${clean(text)}\` is not an address.`);
  return new URL(url).origin;
}

/** `coppice.acme.workers.dev` → `coppice`; this machine → `local`. */
function contextName(url: string): string {
  const { hostname: host } = new URL(url);
  if (/^(localhost|127\.|\[::1\])/.test(host)) return "local";
  return host.split(".").find((part) => !["www", "api"].includes(part)) ?? host;
}

async function tokenFromDevice(cli: Cli, client: Client): Promise<string> {
  const name =
    hostname()
      .replace(/[^\x20-\x7e]/g, "")
      .slice(0, 40) || "a computer";
  const code = await ok(
    client.POST("/v1/device-codes", { body: { clientName: `coppice on ${name}` } }),
  );
  const { out, io } = cli;
  out.note(`Open ${out.dress("bold", clean(code.verificationUrl))}`);
  out.note(`and approve the code ${out.dress("bold", clean(code.userCode))}`);
  if (io.stderr.isTTY) await io.openBrowser(code.verificationUrl);
  out.dim("Waiting for the approval … (Ctrl-C ends it)");
  for (;;) {
    await pause(code.intervalS * 1_000, io.signal);
    const answer: Schemas["DeviceToken"] = await ok(
      client.POST("/v1/device-codes/token", { body: { deviceCode: code.deviceCode } }),
    );
    if (answer.state === "approved" && answer.token) return answer.token;
    if (answer.state === "pending") continue;
    const denied = answer.state === "denied";
    throw new CliError(
      denied ? EXIT.notAllowed : EXIT.timeout,
      denied ? "The code was turned away." : "The code has expired.",
      ["coppice login"],
    );
  }
}

async function tokenFromStdin(cli: Cli): Promise<string> {
  const text = cli.io.stdin.isTTY ? await askSecret(cli, "Token") : await cli.io.stdin.text();
  const token = text.trim();
  if (token !== "" && !/\s/.test(token)) return token;
  throw new CliError(EXIT.usage, "Stdin has no token.", [
    "coppice login URL --token-stdin < token.txt",
  ]);
}

async function saveLogin(
  cli: Cli,
  login: { readonly name: string; readonly url: string; readonly token: string },
): Promise<Schemas["Whoami"]> {
  const { name, url, token } = login;
  const client = makeClient({
    baseUrl: url,
    token,
    signal: cli.io.signal,
    retry: { baseMs: cli.io.retryMs },
  });
  const me = await ok(client.GET("/v1/whoami"));
  const { contexts } = readContexts(cli.io.env);
  const saved = { url, token, project: me.project?.name ?? null };
  writeContexts(cli.io.env, { current: name, contexts: { ...contexts, [name]: saved } });
  return me;
}

export const login = command<Flags, [string?]>({
  brief: "Sign in to a control plane",
  more:
    "Signs in to a control plane and remembers it as a context. Shows a code to approve in the browser;\n" +
    "with --token-stdin it takes a token instead. Off a terminal one of --token-stdin and --device is needed.",
  examples: [
    "coppice login https://coppice.acme.workers.dev",
    "coppice login https://coppice.acme.workers.dev --token-stdin < token.txt",
    "coppice login staging.example.org --context staging",
  ],
  flags: {
    tokenStdin: {
      kind: "boolean",
      optional: true,
      withNegated: false,
      brief: "Read a token from stdin",
    },
    device: {
      kind: "boolean",
      optional: true,
      withNegated: false,
      brief: "Show a code, on a terminal or not",
    },
  },
  positional: {
    kind: "tuple",
    parameters: [
      {
        parse: String,
        placeholder: "url",
        optional: true,
        brief: "The control plane; the present one where left out",
      },
    ],
  },
  async run(cli, flags, address) {
    const known = address === undefined ? findPlace(cli.io, undefined) : null;
    const url = address === undefined ? known?.url : addressOf(address);
    if (!url) {
      throw new CliError(EXIT.usage, "Which control plane?", [
        "coppice login https://YOUR-CONTROL-PLANE",
      ]);
    }
    if (!flags.tokenStdin && !flags.device && !cli.io.stderr.isTTY) {
      throw new CliError(EXIT.usage, "Without a terminal, say how: --token-stdin or --device.", [
        `coppice login ${url} --token-stdin < token.txt`,
      ]);
    }
    const anonymous = makeClient({ baseUrl: url, signal: cli.io.signal });
    const token = flags.tokenStdin
      ? await tokenFromStdin(cli)
      : await tokenFromDevice(cli, anonymous);
    const name = flags.context ?? known?.context ?? contextName(url);
    const me = await saveLogin(cli, { name, url, token });
    if (flags.json) return cli.out.json({ context: name, url, ...me });
    const where = me.project ? `, project ${me.project.name}` : "";
    cli.out.note(`Signed in to ${url} as ${clean(me.name)} (${me.role}${where}); context ${name}.`);
  },
});
