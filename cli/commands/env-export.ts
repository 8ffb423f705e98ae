// `coppice env export`: the names as a .env text, to be filled in. Values are write-only.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { groupFlag, workerFlag } from "../params.ts";

interface Flags {
  readonly worker?: string;
  readonly group?: string;
}

export const envExport = command<Flags>({
  brief: "Print the names as a .env text without values",
  more: "Prints `NAME=` for each variable, to be filled in: values are write-only and can't be read back.",
  examples: ["coppice env export -w mailer > .env.example", "coppice env export --group shared"],
  flags: { worker: workerFlag, group: groupFlag },
  aliases: { w: "worker", g: "group" },
  async run(cli, flags) {
    const session = await cli.session(flags);
    const env =
      flags.group === undefined
        ? await session.env((await session.one(flags.worker, "coppice env export -w NAME")).id)
        : await session.group(flags.group);
    if (flags.json) return cli.out.json(env.items.map(({ name }) => name));
    for (const { name } of env.items) cli.out.line(`${clean(name)}=`);
    cli.out.dim("Names only: values are write-only.");
  },
});
