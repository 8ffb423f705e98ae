// `coppice logout`: forgets a context. The token itself stays valid, and that is said.
import { command } from "../command.ts";
import { readContexts, writeContexts } from "../config/contexts.ts";
import { CliError, EXIT } from "../exit.ts";
import { didYouMean } from "../near.ts";

export const logout = command({
  brief: "Forget a control plane's token",
  more: "Forgets the token of the current context, or of --context. The token itself stays valid until it is revoked.",
  examples: ["coppice logout", "coppice logout --context staging"],
  async run(cli, flags) {
    const { current, contexts } = readContexts(cli.io.env);
    const name = flags.context ?? current;
    if (name === null || !contexts[name]) {
      const known = Object.keys(contexts);
      const message =
        name === null
          ? "You are not signed in."
          : `There is no context \`${name}\`.${didYouMean(name, known)}`;
      throw new CliError(name === null ? EXIT.failed : EXIT.usage, message, ["coppice contexts"]);
    }
    const { [name]: gone, ...rest } = contexts;
    const next = current === name ? (Object.keys(rest)[0] ?? null) : current;
    writeContexts(cli.io.env, { current: next, contexts: rest });
    if (flags.json) return cli.out.json({ context: name, url: gone?.url ?? null, current: next });
    cli.out.note(
      `Forgot ${name} (${gone?.url}).${next && next !== current ? ` Now on ${next}.` : ""}`,
    );
    cli.out.dim("The token is still valid: `coppice tokens revoke` makes it worthless.");
  },
});
