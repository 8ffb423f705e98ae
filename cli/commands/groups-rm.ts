// `coppice groups rm`: a group that no worker names any more, and its values.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { groupParameter, yesFlag } from "../params.ts";
import { confirm } from "../prompt.ts";

interface Flags {
  readonly yes?: boolean;
}

export const groupsRemove = command<Flags, [string]>({
  brief: "Delete a group that no worker names any more",
  examples: ["coppice groups rm shared", "coppice groups rm shared --yes"],
  flags: { yes: yesFlag },
  aliases: { y: "yes" },
  positional: { kind: "tuple", parameters: [groupParameter] },
  async run(cli, flags, wish) {
    const session = await cli.session(flags);
    const { id, items, name } = await session.group(wish);
    const what = `Delete group ${clean(name)} and its ${items.length} variables?`;
    await confirm(cli, what, flags.yes);
    await ok(
      session.client.DELETE("/v1/projects/{project}/groups/{group}", {
        params: { path: { project: await session.project(), group: id } },
      }),
    );
    if (flags.json) return cli.out.json({ id, name, deleted: true });
    cli.out.line(`${clean(name)}  deleted`);
  },
});
