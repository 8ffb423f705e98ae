// `coppice init`: writes a coppice.toml from the folder's Procfile or package.json and its git remote.
import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Cli, command } from "../command.ts";
import { findPlace } from "../config/place.ts";
import { CliError, EXIT } from "../exit.ts";
import { type Detected, detect } from "../file/detect.ts";
import type { Checkout } from "../file/git.ts";
import { workerName } from "../file/procfile.ts";
import { tomlText } from "../file/write.ts";
import { isLocal } from "../local-url.ts";
import { clean } from "../output/sanitise.ts";

interface Flags {
  readonly force?: boolean;
  readonly repo?: string;
  readonly branch?: string;
  readonly start?: string;
}

const word = (text: string) =>
  ({ kind: "parsed", parse: String, optional: true, placeholder: text }) as const;

function repoOf(flags: Flags, checkout: Checkout | null): string {
  const repo = flags.repo ?? checkout?.repo;
  if (repo) return repo;
  const why = checkout ? checkout.reason : "it is not in a git repository";
  throw new CliError(EXIT.failed, `Hosts can't fetch this folder: ${why}.`, [
    "coppice init --repo https://github.com/YOU/REPOSITORY",
  ]);
}

function workersOf(flags: Flags, found: Detected, cwd: string): Detected["workers"] {
  if (flags.start)
    return [{ name: workerName(basename(cwd)) ?? "worker", startCommand: flags.start }];
  if (found.workers.length > 0) return found.workers;
  throw new CliError(
    EXIT.failed,
    "Nothing here says what to run: no Procfile, and no start script in package.json.",
    ['coppice init --start "node worker.js"'],
  );
}

/** What hosts will fetch is not what lies here: they only see what was pushed. */
function sayUnpushed(cli: Cli, checkout: Checkout | null): void {
  if (checkout?.dirty)
    cli.out.warn("there are changes that are not committed: hosts fetch commits.");
  if (checkout?.unpushed)
    cli.out.warn(`${checkout.unpushed} commits are not pushed: hosts fetch from the remote.`);
}

export const init = command<Flags>({
  brief: "Write coppice.toml, from a Procfile where there is one",
  more:
    "Writes coppice.toml in this folder: workers from the Procfile, else from the scripts of package.json, else from\n" +
    "--start; repository and branch from git.",
  examples: [
    "coppice init",
    'coppice init --start "node worker.js"',
    "coppice init --repo https://github.com/acme/shop --force",
  ],
  flags: {
    force: {
      kind: "boolean",
      optional: true,
      withNegated: false,
      brief: "Write over a coppice.toml that is there",
    },
    repo: { ...word("url"), brief: "The repository, where git's `origin` is not the one" },
    branch: { ...word("name"), brief: "The branch; the one that is checked out where left out" },
    start: { ...word("command"), brief: "What to run, where no file says it" },
  },
  async run(cli, flags) {
    const { cwd } = cli.io;
    const file = join(cwd, "coppice.toml");
    if (existsSync(file) && !flags.force) {
      throw new CliError(EXIT.conflict, "There is a coppice.toml already.", [
        "coppice up",
        "coppice init --force",
      ]);
    }
    const { readCheckout } = await import("../file/git.ts");
    const place = findPlace(cli.io, flags.context);
    const found = detect(cwd);
    const workers = workersOf(flags, found, cwd);
    const checkout = await readCheckout(cwd, {
      localAllowed: place !== null && isLocal(place.url),
    });
    const written = {
      schema: place && !isLocal(place.url) ? `${place.url}/schema/coppice.json` : null,
      project: flags.project ?? place?.project ?? null,
      repo: repoOf(flags, checkout),
      branch: flags.branch ?? checkout?.branch ?? "main",
      rootDir: checkout?.rootDir ?? ".",
      buildCommand: found.buildCommand,
      predeploy: found.predeploy,
      workers,
    };
    const text = tomlText(written);
    // What `up` would refuse is said here, before it is written.
    const { parseToml } = await import("../file/toml.ts");
    parseToml(text, "coppice.toml");
    writeFileSync(file, text);
    if (flags.json) return cli.out.json({ file, ...written });
    for (const note of found.notes) cli.out.note(clean(note));
    const source = flags.start || !found.source ? "" : ` from ${found.source}`;
    cli.out.note(`Wrote coppice.toml${source}: ${workers.map(({ name }) => name).join(", ")}.`);
    sayUnpushed(cli, checkout);
    cli.out.note(`Look it over, then: ${cli.out.dress("bold", "coppice up")}`);
  },
});
