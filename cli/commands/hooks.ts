// `coppice hooks`: addresses that deploy a worker when something was pushed.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";
import { workerArgument } from "../params.ts";

export const hooksList = command<object, [string?]>({
  brief: "List the hooks of a worker; never their secrets",
  examples: ["coppice hooks", "coppice hooks list mailer --json"],
  positional: { kind: "tuple", parameters: [workerArgument] },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const worker = await session.one(name, "coppice hooks NAME");
    const hooks = await session.hooks(worker.name);
    if (flags.json) return cli.out.json(hooks);
    if (hooks.length === 0) cli.out.note(`No hook yet: coppice hooks create ${clean(worker.name)}`);
    cli.out.table(hooks, [
      { title: "HOOK", cell: (one) => one.id },
      { title: "KIND", cell: (one) => one.kind },
      { title: "USED", cell: (one) => ago(one.lastUsedAt, cli.io.now()) || "never" },
      { title: "OUTCOME", cell: (one) => clean(one.lastOutcome ?? ""), flexible: true },
    ]);
  },
});
