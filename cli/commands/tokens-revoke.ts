// `coppice tokens revoke`: makes a token worthless, by its name or id.
import { ok } from "../../client/index.ts";
import { command } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { didYouMean } from "../near.ts";
import { clean } from "../output/sanitise.ts";

export const tokensRevoke = command<object, [string]>({
  brief: "Make a token worthless at once",
  examples: ["coppice tokens revoke ci", "coppice tokens revoke tok_0193…"],
  positional: {
    kind: "tuple",
    parameters: [{ parse: String, placeholder: "token", brief: "Its name or id" }],
  },
  async run(cli, flags, wish) {
    const session = await cli.session(flags);
    const tokens = await session.tokens();
    const found = tokens.filter((one) => one.id === wish || one.name === wish);
    const [token] = found;
    if (!token) {
      const near = didYouMean(
        wish,
        tokens.map((one) => one.name),
      );
      throw new CliError(EXIT.notFound, `There is no token \`${clean(wish)}\`.${near}`, [
        "coppice tokens",
      ]);
    }
    if (found.length > 1) {
      throw new CliError(
        EXIT.conflict,
        `${found.length} tokens are named \`${clean(wish)}\`: say the id.`,
        [...found.map((one) => `coppice tokens revoke ${one.id}`)],
      );
    }
    await ok(
      session.client.DELETE("/v1/projects/{project}/tokens/{token}", {
        params: { path: { project: await session.project(), token: token.id } },
      }),
    );
    if (flags.json) return cli.out.json({ id: token.id, name: token.name, revoked: true });
    cli.out.line(`${clean(token.name)}  revoked`);
  },
});
