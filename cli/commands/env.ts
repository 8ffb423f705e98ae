// `coppice env`: the names of a worker's or a group's variables, and which of them are in force. Values only go in.
import type { Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";
import { groupFlag, workerFlag } from "../params.ts";

interface Flags {
  readonly worker?: string;
  readonly group?: string;
}

interface Line {
  readonly name: string;
  readonly from: string;
  readonly changed: string;
  readonly waits: boolean;
}

/** Its own, and what its groups give it besides; of several the strongest counts. */
function linesOf(env: Schemas["Env"], now: number): Line[] {
  const own = new Set(env.items.map(({ name }) => name));
  const live = env.liveVersion ?? 0;
  const shared = new Map<string, Line>();
  for (const { name: group, names, version, liveVersion } of env.groups)
    for (const name of names) {
      if (!own.has(name))
        shared.set(name, { name, from: group, changed: "", waits: version !== liveVersion });
    }
  return [
    ...env.items.map(({ name, updatedAt, version }) => ({
      ...{ name, from: "", changed: ago(updatedAt, now), waits: version > live },
    })),
    ...shared.values(),
  ];
}

function listGroup(cli: Cli, group: Schemas["Group"]): void {
  if (group.items.length === 0)
    cli.out.note(`No variable yet: coppice env set NAME=value --group ${clean(group.name)}`);
  cli.out.table(group.items, [
    { title: "NAME", cell: (one) => clean(one.name), flexible: true },
    { title: "CHANGED", cell: (one) => ago(one.updatedAt, cli.io.now()) },
  ]);
  const behind = group.workers.filter((one) => one.envChanged).map((one) => clean(one.name));
  if (behind.length > 0)
    cli.out.note(`In force with the next deploy: coppice deploy ${behind.join(" ")}`);
}

export const envList = command<Flags>({
  brief: "List the names of variables; values are never given back",
  examples: ["coppice env", "coppice env -w mailer", "coppice env --group shared"],
  flags: { worker: workerFlag, group: groupFlag },
  aliases: { w: "worker", g: "group" },
  async run(cli, flags) {
    const session = await cli.session(flags);
    if (flags.group !== undefined) {
      const group = await session.group(flags.group);
      return flags.json ? cli.out.json(group) : listGroup(cli, group);
    }
    const worker = await session.one(flags.worker, "coppice env -w NAME");
    const env = await session.env(worker.id);
    if (flags.json) return cli.out.json(env);
    const lines = linesOf(env, cli.io.now());
    if (lines.length === 0)
      cli.out.note(`No variable yet: coppice env set NAME=value -w ${clean(worker.name)}`);
    cli.out.table(lines, [
      { title: "NAME", cell: (one) => clean(one.name), flexible: true },
      ...(env.groups.length > 0 ? [{ title: "GROUP", cell: (one: Line) => clean(one.from) }] : []),
      { title: "CHANGED", cell: (one) => one.changed },
      {
        title: "STATE",
        cell: (one) => cli.out.state(one.waits ? "pending" : "live"),
      },
    ]);
    // What was unset, or went with a group, has no line of its own.
    if (worker.envChanged || lines.some(({ waits }) => waits)) {
      cli.out.note(`In force with the next deploy: coppice deploy ${clean(worker.name)}`);
    }
  },
});
