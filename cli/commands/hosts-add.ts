// `coppice hosts add`: what makes a machine a host of the project; then waits until it is there.
import { LinkError, ok, pause } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";
import type { Session } from "../session.ts";

const LOOK_MS = 1_000;

interface Flags {
  readonly wait: boolean;
}

export const hostsAdd = command<Flags>({
  brief: "Print the line that makes a machine a host",
  more:
    "Makes a token with which one machine may join within 15 minutes, prints the line to run there and the same for\n" +
    "cloud-init, and waits until the machine is online. The machine needs Linux and a way out to the control plane; no port\n" +
    "of it has to be open. With --json it prints what was made and does not wait.",
  examples: [
    "coppice hosts add",
    "coppice hosts add --no-wait",
    "coppice hosts add --json | jq -r .cloudInit > user-data",
  ],
  flags: {
    wait: { kind: "boolean", default: true, brief: "Wait until the machine is online" },
  },
  async run(cli, flags) {
    const session = await cli.session(flags);
    const known = new Set((await session.hosts()).map(({ id }) => id));
    const made = await ok(
      session.client.POST("/v1/projects/{project}/join-tokens", {
        params: { path: { project: await session.project() } },
      }),
    );
    if (flags.json) return cli.out.json(made);
    const { out } = cli;
    out.note(
      `Run this on the machine, as somebody who may use sudo. It joins one host and expires ${ago(made.expiresAt, cli.io.now())}:`,
    );
    out.note();
    out.line(made.command);
    out.note();
    out.note("Or give it to a machine that is yet to be made, as its user data (cloud-init):");
    out.note();
    for (const line of made.cloudInit.trimEnd().split("\n")) out.note(`  ${line}`);
    out.note();
    if (flags.wait) await online(cli, session, { known, until: Date.parse(made.expiresAt) });
    else out.dim("See it come: coppice hosts");
  },
});

/** Until a host that was not there before is online. */
async function online(
  cli: Cli,
  session: Session,
  { known, until }: { known: ReadonlySet<string>; until: number },
): Promise<void> {
  cli.out.dim("Waiting for it; Ctrl-C ends the waiting alone.");
  while (cli.io.now() < until) {
    try {
      const host = (await session.hosts()).find(
        ({ id, status }) => !known.has(id) && status === "online",
      );
      if (host) return cli.out.note(`${clean(host.name)} is online`);
    } catch (error) {
      // The control plane may be away for a moment.
      if (!(error instanceof LinkError)) throw error;
    }
    await pause(LOOK_MS, cli.io.signal);
  }
  throw new CliError(EXIT.timeout, "No host came before the token expired.", [
    "sudo coppice-agent doctor   # on the machine",
    "coppice hosts add",
  ]);
}
