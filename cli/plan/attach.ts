// Which groups workers take variables from: one is put at the end, where it is the strongest, or taken out.
import { ok } from "../../client/index.ts";
import type { Cli } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import type { WorkerView } from "../session.ts";

export async function regroup(
  cli: Cli,
  flags: { readonly json?: boolean | undefined },
  input: {
    readonly group: string;
    readonly names: readonly string[];
    readonly change: (groups: readonly string[], group: string) => string[];
    readonly words: string;
  },
): Promise<void> {
  const session = await cli.session(flags);
  const { name: group } = await session.group(input.group);
  const done: WorkerView[] = [];
  for (const worker of await session.named(input.names)) {
    const groups = input.change(worker.groups, group);
    if (groups.join() === worker.groups.join()) {
      done.push(worker);
      continue;
    }
    done.push(
      await ok(
        session.client.PATCH("/v1/projects/{project}/workers/{worker}", {
          params: {
            path: await session.at(worker.name),
            header: { "if-match": `"${worker.specVersion}"` },
          },
          body: { groups },
        }),
      ),
    );
  }
  if (flags.json) return cli.out.json(done.map(({ name, groups }) => ({ worker: name, groups })));
  for (const { groups, name } of done) {
    const now = groups.length > 0 ? groups.map(clean).join(", ") : "none";
    cli.out.line(`${clean(name)}  ${input.words} ${clean(group)}  groups now: ${now}`);
  }
  cli.out.note(
    `In force with the next deploy: coppice deploy ${done.map((one) => clean(one.name)).join(" ")}`,
  );
}
