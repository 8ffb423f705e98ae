// `coppice hooks create`: a hook; its secret goes to stdout, this once.
import { ok, type Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { workerArgument } from "../params.ts";

interface Flags {
  readonly kind: "github" | "generic";
}

/** The secret alone is data; where it goes is said beside it. */
export function sayHook(cli: Cli, { kind, secret, url }: Schemas["NewHook"]): void {
  cli.out.line(secret);
  cli.out.note("That is its secret; it is not shown again.");
  cli.out.note(`Address: ${clean(url)}`);
  cli.out.note(
    kind === "github"
      ? "At GitHub: Settings → Webhooks → Add, content type application/json, just the push event."
      : "Sign with HMAC-SHA-256 over X-Coppice-Timestamp, a dot and the body: see `coppice hooks create --help`.",
  );
}

export const hooksCreate = command<Flags, [string?]>({
  brief: "Make a hook that deploys a worker; its secret is shown once",
  more:
    "Makes a hook. Its secret goes to stdout, this once; everything else to stderr. The generic kind is called like this:\n\n" +
    '  t=$(date +%s); body=\'{"by":"ci"}\'\n' +
    '  s=$(printf %s "$t.$body" | openssl dgst -sha256 -hmac "$SECRET" | sed "s/.* //")\n' +
    '  curl "$URL" -H "X-Coppice-Timestamp: $t" -H "X-Coppice-Signature: sha256=$s" --json "$body"',
  examples: [
    "coppice hooks create mailer",
    "coppice hooks create mailer --kind generic > secret.txt",
  ],
  flags: {
    kind: {
      kind: "enum",
      values: ["github", "generic"],
      default: "github",
      brief: "github for its webhooks, generic for everything else that can sign",
    },
  },
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice hooks create NAME");
    const made = await ok(
      session.client.POST("/v1/projects/{project}/workers/{worker}/hooks", {
        params: { path: await session.at(worker.name) },
        body: { kind: flags.kind },
      }),
    );
    if (flags.json) return cli.out.json(made);
    sayHook(cli, made);
  },
});
