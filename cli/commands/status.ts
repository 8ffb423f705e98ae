// `coppice status`: the project at a glance: its workers, then its hosts.
import { ok, type Schemas } from "../../client/index.ts";
import { type Cli, command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import type { Column } from "../output/table.ts";
import { ago } from "../output/time.ts";
import type { WorkerView } from "../session.ts";

export function workerColumns({ out, io }: Cli): Column<WorkerView>[] {
  return [
    { title: "WORKER", cell: (one) => clean(one.name) },
    { title: "STATE", cell: (one) => out.state(one.status) },
    { title: "RUNNING", cell: (one) => `${one.running}/${one.instances}`, right: true },
    { title: "RELEASE", cell: (one) => (one.release === null ? "" : `v${one.release}`) },
    { title: "DEPLOYED", cell: (one) => ago(one.lastDeployAt, io.now()) },
    { title: "LAST CRASH", cell: (one) => ago(one.lastCrashAt, io.now()) },
    { title: "WHY", cell: (one) => clean(one.statusReason ?? ""), flexible: true },
  ];
}

function hostLine({ out }: Cli, hosts: readonly Schemas["Host"][]): string {
  const online = hosts.filter(({ status }) => status === "online");
  const used = hosts.reduce((sum, host) => sum + host.used, 0);
  const slots = online.reduce((sum, host) => sum + (host.capacity?.slots ?? 0), 0);
  const others = hosts.filter(({ status }) => status !== "online");
  return [
    `${online.length} of ${hosts.length} hosts online, ${used} of ${slots} slots used`,
    ...others.map((host) => `${clean(host.name)} ${out.state(host.status)}`),
  ].join(" · ");
}

export const status = command({
  brief: "Show the project: its workers and hosts",
  examples: ["coppice status", "coppice status --json | jq '.workers[].status'"],
  async run(cli, flags) {
    const session = await cli.session(flags);
    const project = await session.project();
    const [workers, hosts] = await Promise.all([
      session.workers(),
      ok(
        session.client.GET("/v1/projects/{project}/hosts", {
          params: { path: { project }, query: { limit: 200 } },
        }),
      ),
    ]);
    if (flags.json) return cli.out.json({ project, workers, hosts: hosts.items });
    const { out } = cli;
    out.line(
      `${out.paint("bold", clean(project))} ${out.paint("dim", `at ${session.client.baseUrl}`)}`,
    );
    out.line();
    out.table(workers, workerColumns(cli));
    if (workers.length > 0) out.line();
    out.line(out.paint("dim", hostLine(cli, hosts.items)));
    if (workers.length === 0) out.note("No worker yet: coppice init, then coppice up");
    if (hosts.items.length === 0) out.note("No host yet, so nothing can run: coppice hosts add");
  },
});
