// `coppice hosts rm`: removes a host for good; its name has to be typed, or given with --confirm.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { didYouMean } from "../near.ts";
import { clean } from "../output/sanitise.ts";
import { counted } from "../output/time.ts";
import { confirmName } from "../prompt.ts";

interface Flags {
  readonly confirm?: string;
}

export const hostsRemove = command<Flags, [string]>({
  brief: "Remove a host for good; its instances move",
  examples: [
    "coppice hosts rm web-1",
    "coppice hosts rm web-1 --confirm web-1   # without a question",
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
  positional: {
    kind: "tuple",
    parameters: [{ parse: String, placeholder: "host", brief: "The host" }],
  },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const hosts = await session.hosts();
    const host = hosts.find((one) => one.name === name || one.id === name);
    if (!host) {
      const near = didYouMean(
        name,
        hosts.map((one) => one.name),
      );
      throw new CliError(EXIT.notFound, `There is no host \`${clean(name)}\`.${near}`, [
        "coppice hosts",
      ]);
    }
    await confirmName(cli, {
      name: host.name,
      given: flags.confirm,
      what: `Remove host ${clean(host.name)}, and move ${counted(host.used, "instance")}?`,
    });
    await ok(
      session.client.DELETE("/v1/projects/{project}/hosts/{host}", {
        params: { path: { project: await session.project(), host: host.id } },
      }),
    );
    if (flags.json) return cli.out.json({ id: host.id, name: host.name, removed: true });
    cli.out.line(`${clean(host.name)}  removed`);
  },
});
