// `coppice tokens create`: a token; its text goes to stdout, this once.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";
import { readSpan } from "../params.ts";

interface Flags {
  readonly role: "viewer" | "developer" | "admin";
  readonly expires?: number;
}

export const tokensCreate = command<Flags, [string]>({
  brief: "Make a token; its text is shown once",
  more: "Makes a token. Its text goes to stdout, this once; everything else to stderr.",
  examples: [
    "coppice tokens create ci --role developer --expires 90d",
    "coppice tokens create ci > token.txt",
  ],
  flags: {
    role: {
      kind: "enum",
      values: ["viewer", "developer", "admin"],
      default: "developer",
      brief:
        "viewer looks; developer also deploys, scales, sets variables; admin also hosts and tokens",
    },
    expires: {
      kind: "parsed",
      parse: readSpan,
      optional: true,
      placeholder: "duration",
      brief: "Valid for so long, such as 90d; for ever where left out",
    },
  },
  positional: {
    kind: "tuple",
    parameters: [{ parse: String, placeholder: "name", brief: "What it is for" }],
  },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const made = await ok(
      session.client.POST("/v1/projects/{project}/tokens", {
        params: { path: { project: await session.project() } },
        body: {
          name,
          role: flags.role,
          ...(flags.expires === undefined ? {} : { expiresInS: Math.round(flags.expires / 1_000) }),
        },
      }),
    );
    if (flags.json) return cli.out.json(made);
    cli.out.line(made.token);
    const until = made.expiresAt ? `expires ${ago(made.expiresAt, cli.io.now())}` : "never expires";
    cli.out.note(`${clean(made.name)} (${made.role}, ${until}). It is not shown again.`);
  },
});
