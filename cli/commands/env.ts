// `coppice env`: the names of a worker's variables, and which of them are in force. Values only go in.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";
import { workerFlag } from "../params.ts";

interface Flags {
  readonly worker?: string;
}
export const envList = command<Flags>({
  brief: "List the names of variables; values are never given back",
  examples: ["coppice env", "coppice env -w mailer"],
  flags: { worker: workerFlag },
  aliases: { w: "worker" },
  async run(cli, flags) {
    const session = await cli.session(flags);
    const worker = await session.one(flags.worker, "coppice env -w NAME");
    const env = await session.env(worker.id);
    if (flags.json) return cli.out.json(env);
    if (env.items.length === 0)
      cli.out.note(`No variable yet: coppice env set NAME=value -w ${clean(worker.name)}`);
    const live = env.liveVersion ?? 0;
    cli.out.table(env.items, [
      { title: "NAME", cell: (one) => clean(one.name), flexible: true },
      { title: "CHANGED", cell: (one) => ago(one.updatedAt, cli.io.now()) },
      {
        title: "STATE",
        cell: (one) => (one.version > live ? cli.out.state("pending") : cli.out.state("live")),
      },
    ]);
    if (env.items.some(({ version }) => version > live)) {
      cli.out.note(`In force with the next deploy: coppice deploy ${clean(worker.name)}`);
    }
  },
});
