// `coppice contexts [NAME]`: the control planes that are remembered, and switching between them.
import { command } from "../command.ts";
import { readContexts, writeContexts } from "../config/contexts.ts";
import { findPlace } from "../config/place.ts";
import { CliError, EXIT } from "../exit.ts";
import { didYouMean } from "../near.ts";
import { clean } from "../output/sanitise.ts";

export const contexts = command<object, [string?]>({
  brief: "List the control planes you signed in to, or switch",
  examples: [
    "coppice contexts",
    "coppice contexts staging",
    "coppice ps --context staging   # for one command",
  ],
  positional: {
    kind: "tuple",
    parameters: [
      { parse: String, placeholder: "name", optional: true, brief: "Switch to this one" },
    ],
  },
  async run(cli, flags, name) {
    const saved = readContexts(cli.io.env);
    const names = Object.keys(saved.contexts);
    if (name !== undefined) {
      if (!saved.contexts[name]) {
        throw new CliError(
          EXIT.notFound,
          `There is no context \`${clean(name)}\`.${didYouMean(name, names)}`,
          ["coppice contexts"],
        );
      }
      writeContexts(cli.io.env, { ...saved, current: name });
      cli.out.note(`Now on ${name} (${saved.contexts[name]?.url}).`);
      return;
    }
    const items = Object.entries(saved.contexts).map(([key, { url, project }]) => ({
      name: key,
      url,
      project,
      current: key === saved.current,
    }));
    if (flags.json) return cli.out.json(items);
    if (items.length === 0) cli.out.note("No context yet: coppice login URL");
    cli.out.table(items, [
      { title: "CONTEXT", cell: (one) => `${one.current ? "* " : "  "}${clean(one.name)}` },
      { title: "URL", cell: (one) => clean(one.url), flexible: true },
      { title: "PROJECT", cell: (one) => clean(one.project ?? "") },
    ]);
    const place = findPlace(cli.io, flags.context);
    if (place && place.context === null) cli.out.dim(`Here ${place.source} counts: ${place.url}`);
  },
});
