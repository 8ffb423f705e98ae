// `coppice hosts thaw`: replaces what lost hosts ran although many were lost at once. Somebody has to know that they are
// dead: where they still run, there are duplicates until they are back.
import { ok } from "../../client/index.ts";
import { frozenWords } from "../../client/words.ts";
import { command } from "../command.ts";
import { clean } from "../output/sanitise.ts";
import { yesFlag } from "../params.ts";
import { confirm } from "../prompt.ts";

interface Flags {
  readonly yes?: boolean;
}

export const hostsThaw = command<Flags>({
  brief: "Replace what lost hosts ran although many were lost at once",
  more:
    "Where half of a project's hosts fall silent at once, it is more likely the network than the hosts: what they ran is\n" +
    "not replaced then. Once you know that they are dead, this goes on with it. Should they run after all, instances of\n" +
    "available workers run twice until the hosts are back; those of exclusive ones never do.",
  examples: ["coppice hosts thaw", "coppice hosts thaw --yes"],
  flags: { yes: yesFlag },
  aliases: { y: "yes" },
  async run(cli, flags) {
    const session = await cli.session(flags);
    const frozen = (await session.hosts()).filter((one) => one.frozen !== null);
    if (frozen.length > 0) {
      const names = frozen.map((one) => clean(one.name)).join(", ");
      await confirm(
        cli,
        `${frozenWords(frozen)}. Are they dead, and is what ${names} ran to be replaced?`,
        flags.yes,
      );
    }
    // Asked of the control plane in any case: the list may be some seconds old.
    const thawed = await ok(
      session.client.POST("/v1/projects/{project}/hosts/thaw", {
        params: { path: { project: await session.project() } },
      }),
    );
    if (flags.json) return cli.out.json(thawed);
    for (const name of thawed.hosts) cli.out.line(`${clean(name)}  replaced from now on`);
    if (thawed.hosts.length === 0) cli.out.note("No host's replacement is frozen.");
  },
});
