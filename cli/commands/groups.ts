// `coppice groups`: variables that several workers share.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";

export const groupsList = command({
  brief: "List groups of variables, and the workers that take them",
  examples: ["coppice groups", "coppice groups list --json"],
  async run(cli, flags) {
    const groups = await (await cli.session(flags)).groups();
    if (flags.json) return cli.out.json(groups);
    if (groups.length === 0) cli.out.note("No group yet: coppice groups create NAME");
    cli.out.table(groups, [
      { title: "GROUP", cell: (one) => clean(one.name), flexible: true },
      { title: "VARIABLES", cell: (one) => String(one.items.length) },
      { title: "WORKERS", cell: (one) => one.workers.map(({ name }) => clean(name)).join(" ") },
    ]);
    const behind = new Set(
      groups.flatMap(({ workers }) =>
        workers.filter((one) => one.envChanged).map((one) => clean(one.name)),
      ),
    );
    if (behind.size > 0)
      cli.out.note(`Env changed, deploy to apply: coppice deploy ${[...behind].join(" ")}`);
  },
});
