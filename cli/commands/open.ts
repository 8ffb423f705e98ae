// `coppice open`: a link that signs a browser in, once; opened where there is a browser.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { ago } from "../output/time.ts";

interface Flags {
  readonly print?: boolean;
}

export const open = command<Flags>({
  brief: "Open the dashboard, signed in",
  more: "Prints a link that signs a browser in, once. On a terminal it is opened too.",
  examples: ["coppice open", "coppice open --print   # only print the link"],
  flags: {
    print: { kind: "boolean", optional: true, withNegated: false, brief: "Only print the link" },
  },
  async run(cli, flags) {
    const { client } = await cli.session(flags);
    const link = await ok(client.POST("/v1/sign-in-links", { body: {} }));
    if (flags.json) return cli.out.json(link);
    cli.out.line(clean(link.url));
    cli.out.dim(`Works once, and expires ${ago(link.expiresAt, cli.io.now())}.`);
    if (!flags.print && cli.io.stdout.isTTY && !(await cli.io.openBrowser(link.url))) {
      cli.out.dim("No browser was found here: open the link yourself.");
    }
  },
});
