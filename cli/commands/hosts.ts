// `coppice hosts`: the machines of the project: how each does, what may go there, how much of it is taken.
import type { Schemas } from "../../client/index.ts";
import { frozenWords, holdsText, hostUse, labelText } from "../../client/words.ts";
import { roughSize } from "../../protocol/size.ts";
import { type Cli, command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago, span } from "../output/time.ts";

type Host = Schemas["Host"];

/** `● online, draining (8 min left)`. */
function stateCell({ out, io }: Cli, host: Host): string {
  const use = hostUse(host);
  const state = out.state(host.status);
  if (use === "open") return state;
  const left = use === "draining" ? Date.parse(host.drainUntil ?? "") - io.now() : 0;
  return `${state}, ${out.paint("yellow", use)}${left > 0 ? ` (${span(left)} left)` : ""}`;
}

/** What its instances have set aside, of what there is. */
function memoryCell({ capacity, heldMemoryBytes }: Host): string {
  const held = heldMemoryBytes === 0 ? "0" : roughSize(heldMemoryBytes);
  return capacity ? `${held}/${roughSize(capacity.memoryBytes)}` : held;
}

function cpuCell({ capacity, heldCpus }: Host): string {
  const held = String(Math.round(heldCpus * 100) / 100);
  return capacity ? `${held}/${capacity.cpus}` : held;
}

export const hostsList = command({
  brief: "List the hosts of the project",
  more:
    "Lists the hosts: how each does, its region and labels, slots in use, memory and cores set aside of what it has, the\n" +
    "agent's version. A host that is cordoned, draining or drained takes nothing new.",
  examples: ["coppice hosts", "coppice hosts --json | jq '.[] | select(.cordoned).name'"],
  async run(cli, flags) {
    const hosts = await (await cli.session(flags)).hosts();
    if (flags.json) return cli.out.json(hosts);
    if (hosts.length === 0) cli.out.note("No host yet: coppice hosts add");
    cli.out.table(hosts, [
      { title: "HOST", cell: (one) => clean(one.name) },
      { title: "STATE", cell: (one) => stateCell(cli, one) },
      { title: "REGION", cell: (one) => clean(one.region ?? "") },
      { title: "SLOTS", cell: (one) => `${one.used}/${one.capacity?.slots ?? "?"}`, right: true },
      { title: "MEMORY", cell: memoryCell, right: true },
      { title: "CPUS", cell: cpuCell, right: true },
      {
        // Of one that is online the list keeps no times: it is heard of all along.
        title: "HEARD",
        cell: (one) => (one.status === "online" ? "" : ago(one.lastHeardAt, cli.io.now())),
      },
      { title: "AGENT", cell: (one) => clean(one.facts?.agentVersion ?? "") },
      { title: "LABELS", cell: (one) => clean(labelText(one.labels)), flexible: true, spare: true },
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
        spare: true,
      },
      {
        title: "LIMITS BY",
        cell: (one) => (one.facts ? holdsText(one.facts.holds) : ""),
        flexible: true,
        spare: true,
      },
      {
        title: "NOTE",
        cell: (one) => (one.frozen ? "what it ran is not replaced" : ""),
        flexible: true,
      },
    ]);
    const frozen = frozenWords(hosts);
    if (frozen === null) return;
    cli.out.warn(
      `${frozen}: what they ran is not replaced until enough are back, or 15 min have passed.`,
    );
    cli.out.note("  If you know that they are dead: coppice hosts thaw");
  },
});
