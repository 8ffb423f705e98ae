// `coppice scale mailer=3`: how many instances a worker has.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { clean } from "../output/sanitise.ts";
import { proposeWorkers } from "../params.ts";

export interface Wish {
  /** Null: the only worker. */
  readonly worker: string | null;
  readonly instances: number;
}

/** `mailer=3`, or `3`. */
export function readWish(text: string): Wish {
  const [, worker, count] = /^(?:([^=]+)=)?(\d{1,6})$/.exec(text) ?? [];
  if (count === undefined) throw new Error("must be like mailer=3, or 3 where there is one worker");
  return { worker: worker ?? null, instances: Number(count) };
}

export const scale = command<object, Wish[]>({
  brief: "Set how many instances a worker has",
  examples: ["coppice scale mailer=3", "coppice scale mailer=3 queue=0", "coppice scale 2"],
  positional: {
    kind: "array",
    minimum: 1,
    parameter: {
      parse: readWish,
      placeholder: "worker=count",
      brief: "Worker and number of instances",
      async proposeCompletions(partial) {
        const names = await proposeWorkers.call(this, partial.replace(/=.*/, ""));
        return names.map((name) => `${name}=`);
      },
    },
  },
  async run(cli, flags, ...wishes) {
    const session = await cli.session(flags);
    const names = wishes.flatMap(({ worker }) => worker ?? []);
    if (new Set(names).size < names.length)
      throw new CliError(EXIT.usage, "A worker is named twice.");
    if (names.length < wishes.length && wishes.length > 1) {
      throw new CliError(EXIT.usage, "Say for each number which worker is meant.", [
        "coppice scale mailer=3 queue=1",
      ]);
    }
    const done: { worker: string; from: number; to: number }[] = [];
    const before = await session.named(names);
    for (const [index, { worker, instances }] of wishes.entries()) {
      const found =
        worker === null
          ? await session.one(undefined, `coppice scale NAME=${instances}`)
          : before[index];
      if (!found) continue;
      const after = await ok(
        session.client.PATCH("/v1/projects/{project}/workers/{worker}", {
          params: { path: await session.at(found.id) },
          body: { instances },
        }),
      );
      done.push({ worker: found.name, from: found.instances, to: after.instances });
      // What was scaled to 0 counts as stopped too, and says so as its reason: it runs again by itself.
      const byOwner = found.status === "stopped" && found.statusReason === null;
      if (byOwner && instances > 0 && !flags.json) {
        cli.out.warn(`${clean(found.name)} is stopped: coppice start ${clean(found.name)}`);
      }
    }
    if (flags.json) return cli.out.json(done);
    for (const { worker, from, to } of done) {
      cli.out.line(`${clean(worker)}  ${from === to ? `${to} (as before)` : `${from} → ${to}`}`);
    }
  },
});
