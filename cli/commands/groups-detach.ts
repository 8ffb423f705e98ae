// `coppice groups detach`: have workers no longer take the variables of a group.
import { command } from "../command.ts";
import { groupParameter, proposeWorkers } from "../params.ts";
import { regroup } from "../plan/attach.ts";

const worker = {
  parse: String,
  placeholder: "worker",
  brief: "The worker",
  proposeCompletions: proposeWorkers,
} as const;

export const groupsDetach = command<object, [string, string]>({
  brief: "Have a worker no longer take the variables of a group",
  examples: ["coppice groups detach shared mailer"],
  positional: { kind: "tuple", parameters: [groupParameter, worker] },
  async run(cli, flags, group, name) {
    const change = (groups: readonly string[], group: string) =>
      groups.filter((one) => one !== group);
    await regroup(cli, flags, { group, names: [name], change, words: "lost" });
  },
});
