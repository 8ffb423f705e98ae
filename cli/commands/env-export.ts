// `coppice env export`: the names as a .env text, to be filled in. Values are write-only.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { workerFlag } from "../params.ts";

interface Flags {
  readonly worker?: string;
}

export const envExport = command<Flags>({
  brief: "Print the names as a .env text without values",
  more: "Prints `NAME=` for each variable, to be filled in: values are write-only and can't be read back.",
  examples: ["coppice env export -w mailer > .env.example"],
  flags: { worker: workerFlag },
  aliases: { w: "worker" },
  async run(cli, flags) {
    const session = await cli.session(flags);
    const worker = await session.one(flags.worker, "coppice env export -w NAME");
    const env = await session.env(worker.id);
    if (flags.json) return cli.out.json(env.items.map(({ name }) => name));
    for (const { name } of env.items) cli.out.line(`${clean(name)}=`);
    cli.out.dim("Names only: values are write-only.");
  },
});
