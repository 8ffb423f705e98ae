// `coppice tokens`: who may use the API of the project.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";

export const tokensList = command({
  brief: "List tokens; never their text",
  examples: ["coppice tokens", "coppice tokens list --json"],
  async run(cli, flags) {
    const tokens = await (await cli.session(flags)).tokens();
    if (flags.json) return cli.out.json(tokens);
    const now = cli.io.now();
    cli.out.table(tokens, [
      { title: "TOKEN", cell: (one) => clean(one.name), flexible: true },
      { title: "ROLE", cell: (one) => one.role },
      { title: "MADE", cell: (one) => ago(one.createdAt, now), spare: true },
      { title: "USED", cell: (one) => ago(one.lastUsedAt, now) || "never" },
      { title: "EXPIRES", cell: (one) => ago(one.expiresAt, now) || "never", spare: true },
      { title: "ID", cell: (one) => one.id },
    ]);
  },
});
