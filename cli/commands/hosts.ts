// `coppice hosts`: the machines of the project.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";

export const hostsList = command({
  brief: "List the hosts of the project",
  examples: ["coppice hosts", "coppice hosts --json"],
  async run(cli, flags) {
    const hosts = await (await cli.session(flags)).hosts();
    if (flags.json) return cli.out.json(hosts);
    if (hosts.length === 0) cli.out.note("No host yet: coppice hosts add");
    cli.out.table(hosts, [
      { title: "HOST", cell: (one) => clean(one.name) },
      { title: "STATE", cell: (one) => cli.out.state(one.status) },
      { title: "SLOTS", cell: (one) => `${one.used}/${one.capacity?.slots ?? "?"}`, right: true },
      {
        // Of one that is online the list keeps no times: it is heard of all along.
        title: "HEARD",
        cell: (one) => (one.status === "online" ? "" : ago(one.lastHeardAt, cli.io.now())),
      },
      { title: "AGENT", cell: (one) => clean(one.facts?.agentVersion ?? "") },
      {
        title: "SYSTEM",
        cell: (one) => (one.facts ? clean(`${one.facts.os} ${one.facts.arch}`) : ""),
        flexible: true,
        spare: true,
      },
      {
        title: "CONTAINMENT",
        cell: (one) =>
          one.facts?.containment === "best_effort" ? "best effort" : (one.facts?.containment ?? ""),
      },
    ]);
  },
});
