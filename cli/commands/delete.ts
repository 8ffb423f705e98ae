// `coppice delete`: ends a worker for good. The name has to be typed, or given with --confirm.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { counted } from "../output/time.ts";
import { proposeWorkers } from "../params.ts";
import { confirmName } from "../prompt.ts";

interface Flags {
  readonly confirm?: string;
}

export const remove = command<Flags, [string]>({
  brief: "Delete a worker for good",
  more: "Deletes a worker for good: its instances are stopped, its settings, variables, releases and logs are gone.",
  examples: [
    "coppice delete mailer",
    "coppice delete mailer --confirm mailer   # without a question",
  ],
  flags: {
    confirm: {
      kind: "parsed",
      parse: String,
      optional: true,
      placeholder: "name",
      brief: "The worker's name again, instead of typing it",
    },
  },
  positional: {
    kind: "tuple",
    parameters: [
      {
        parse: String,
        placeholder: "worker",
        brief: "The worker",
        proposeCompletions: proposeWorkers,
      },
    ],
  },
  async run(cli, flags, name) {
    const session = await cli.session(flags);
    const [worker] = await session.named([name]);
    if (!worker) return;
    await confirmName(cli, {
      name: worker.name,
      given: flags.confirm,
      what: `Delete ${clean(worker.name)} with ${counted(worker.instances, "instance")}, variables, releases and logs?`,
    });
    const gone = await ok(
      session.client.DELETE("/v1/projects/{project}/workers/{worker}", {
        params: { path: await session.at(worker.id) },
      }),
    );
    if (flags.json) return cli.out.json(gone);
    cli.out.line(`${clean(gone.name)}  deleted`);
  },
});
