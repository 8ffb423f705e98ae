// `coppice env unset`: variables go, with the next deploy.
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { type ChangeFlags, changeEnv, changeFlags } from "../plan/env-change.ts";

export const envUnset = command<ChangeFlags, string[]>({
  brief: "Unset variables",
  examples: ["coppice env unset LOG_LEVEL -w mailer", "coppice env unset OLD_URL --group shared"],
  flags: changeFlags,
  aliases: { w: "worker", a: "all", g: "group" },
  positional: {
    kind: "array",
    minimum: 1,
    parameter: { parse: String, placeholder: "NAME", brief: "Variables" },
  },
  async run(cli, given, ...names) {
    const set = Object.fromEntries(names.map((name) => [name, null]));
    await changeEnv(cli, given, "coppice env unset … -w NAME", {
      body: { set, plain: false },
      words: ({ changed }) =>
        changed.length > 0 ? `unset ${changed.map(clean).join(", ")}` : "none of them was set",
    });
  },
});
