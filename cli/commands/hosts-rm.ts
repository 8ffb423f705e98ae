// `coppice hosts rm`: removes a host for good. What goes with it is said first; its name has to be typed, or given with
// --confirm.
import { ok } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { counted } from "../output/time.ts";
import { hostArgument } from "../params.ts";
import { confirmName } from "../prompt.ts";
import { readStanding } from "../watch/standing.ts";

interface Flags {
  readonly confirm?: string;
}

const MOST_NAMED = 12;

function sayWhatDies({ out }: Cli, host: string, standing: readonly string[]): void {
  out.note(`With ${host} goes, for good:`);
  out.note("  · its right to connect: to come back, the machine has to join again");
  if (standing.length === 0) {
    out.note("  · no instance: nothing runs there");
    return;
  }
  const more = standing.length > MOST_NAMED ? ` and ${standing.length - MOST_NAMED} more` : "";
  const named = standing.slice(0, MOST_NAMED).map(clean).join(", ");
  out.note(`  · ${counted(standing.length, "instance")}: ${named}${more}`);
  out.note(
    "    They start elsewhere, where there is room. A machine that still runs is told nothing:",
  );
  out.note(
    "    its programs go on until its keeper is stopped, exclusive ones until their lease ends.",
  );
  out.note(`    To move them first: coppice hosts drain ${host}`);
}

export const hostsRemove = command<Flags, [string]>({
  brief: "Remove a host for good; its instances start elsewhere",
  more:
    "Removes a host for good: it may not connect again, and its instances start elsewhere where there is room. Programs\n" +
    "on a machine that still runs are not stopped by it: drain it first, or stop its keeper.",
  examples: [
    "coppice hosts rm web-1",
    "coppice hosts drain web-1 && coppice hosts rm web-1 --confirm web-1   # without a question",
  ],
  flags: {
    confirm: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "name",
      brief: "The host's name again, instead of typing it",
    },
  },
  positional: hostArgument,
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const host = await session.host(name);
    if (!flags.json && flags.confirm === undefined) {
      const standing = await readStanding(session, host.id);
      sayWhatDies(
        cli,
        clean(host.name),
        standing.map((one) => one.instance),
      );
    }
    await confirmName(cli, {
      name: host.name,
      given: flags.confirm,
      what: `Remove host ${clean(host.name)}${host.used > 0 ? ` with ${counted(host.used, "instance")}` : ""}?`,
    });
    await ok(
      session.client.DELETE("/v1/projects/{project}/hosts/{host}", {
        params: { path: await session.atHost(host.id) },
      }),
    );
    if (flags.json) return cli.out.json({ id: host.id, name: host.name, removed: true });
    cli.out.line(`${clean(host.name)}  removed`);
  },
});
