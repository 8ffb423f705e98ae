// `coppice groups attach`: have workers take the variables of a group.
import { command } from "../command.ts";
import { groupParameter, proposeWorkers } from "../params.ts";
import { regroup } from "../plan/attach.ts";

const worker = {
  parse: String,
  placeholder: "worker",
  brief: "The worker",
  proposeCompletions: proposeWorkers,
} as const;

export const groupsAttach = command<object, [string, string]>({
  brief: "Have a worker take the variables of a group",
  more: "Puts the group last among the groups of the worker: it beats the others, and the worker's own variables beat them all.",
  examples: ["coppice groups attach shared mailer"],
  positional: { kind: "tuple", parameters: [groupParameter, worker] },
  async run(cli, flags, group, name) {
    const change = (groups: readonly string[], group: string) => [
      ...groups.filter((one) => one !== group),
      group,
    ];
    await regroup(cli, flags, { group, names: [name], change, words: "takes" });
  },
});
