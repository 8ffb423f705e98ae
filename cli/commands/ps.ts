// `coppice ps`: the instances, by worker and slot.
import { ok, type Schemas } from "../../client/index.ts";
import { instanceWhy } from "../../client/words.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago, since } from "../output/time.ts";
import { workerList } from "../params.ts";
import type { WorkerView } from "../session.ts";

/** The status of a worker is a moment older than its instances: words that go with none of them running. */
function whyIdle({ status, instances }: WorkerView): string {
  if (instances === 0) return ": it is scaled to 0";
  return status === "running" || status === "degraded" ? " just now" : `: it is ${status}`;
}

export const ps = command<object, string[]>({
  brief: "Show the instances that run",
  examples: ["coppice ps", "coppice ps mailer", "coppice ps --json | jq '.[].state'"],
  positional: workerList,
  async run(cli, flags, ...names) {
    const session = await cli.session(flags);
    const workers = await session.scope(names);
    const project = await session.project();
    const [hosts, ...lists] = await Promise.all([
      ok(
        session.client.GET("/v1/projects/{project}/hosts", {
          params: { path: { project }, query: { limit: 200 } },
        }),
      ),
      ...workers.map(async ({ id, name, mode }) => {
        const path = await session.at(id);
        const { items } = await ok(
          session.client.GET("/v1/projects/{project}/workers/{worker}/instances", {
            params: { path, query: { limit: 200 } },
          }),
        );
        return items.map((one) => ({ ...one, worker: name, mode }));
      }),
    ]);
    const items: (Schemas["Instance"] & Pick<WorkerView, "mode"> & { worker: string })[] =
      lists.flat();
    if (flags.json) return cli.out.json(items);
    const { out, io } = cli;
    const hostNames = new Map(hosts.items.map(({ id, name }) => [id, name]));
    out.table(items, [
      { title: "INSTANCE", cell: (one) => `${clean(one.worker)}.${one.slot}` },
      { title: "STATE", cell: (one) => out.state(one.state) },
      { title: "UP", cell: (one) => (one.pid === null ? "" : since(one.startedAt, io.now())) },
      { title: "RESTARTS", cell: (one) => String(one.restarts), right: true },
      { title: "RELEASE", cell: (one) => `v${one.release}` },
      { title: "GEN", cell: (one) => String(one.generation), right: true, spare: true },
      { title: "MODE", cell: (one) => (one.mode === "exclusive" ? "exclusive" : ""), spare: true },
      { title: "HOST", cell: (one) => clean(hostNames.get(one.hostId ?? "") ?? one.hostId ?? "") },
      { title: "PID", cell: (one) => (one.pid === null ? "" : String(one.pid)), right: true },
      {
        title: "WHY",
        flexible: true,
        cell: (one) =>
          [
            clean(instanceWhy(one, one.mode) ?? ""),
            one.restartAt ? `again ${ago(one.restartAt, io.now())}` : "",
          ]
            .filter(Boolean)
            .join(", "),
      },
    ]);
    const idle = workers.filter(({ name }) => !items.some((one) => one.worker === name));
    for (const one of idle) out.note(`${clean(one.name)} runs nothing${whyIdle(one)}.`);
  },
});
