// Which workers a change of variables is for. A worker that coppice.toml names and the project has not is made, without a
// deploy: so variables can be set before the first `up`.
import type { Cli } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import type { WantedWorker } from "../file/wanted.ts";
import { isLocal } from "../local-url.ts";
import { clean } from "../output/sanitise.ts";
import type { Session } from "../session.ts";
import { createWorker } from "./create.ts";

export interface Target {
  readonly name: string;
}

async function wantedHere(cli: Cli, session: Session): Promise<readonly WantedWorker[]> {
  const { readWanted } = await import("../file/read.ts");
  try {
    return (await readWanted(cli.io.cwd, isLocal(session.place.url))).workers;
  } catch (error) {
    if (session.hint === null) return [];
    throw error;
  }
}

export async function targets(
  cli: Cli,
  session: Session,
  wish: {
    readonly worker: string | undefined;
    readonly all: boolean | undefined;
    readonly how: string;
  },
): Promise<readonly Target[]> {
  const [present, wanted] = [await session.workers(), await wantedHere(cli, session)];
  const known = wanted.length > 0 ? wanted : present;
  if (wish.worker === undefined && !wish.all && known.length > 1) {
    const first = known[0]?.name ?? "";
    throw new CliError(
      EXIT.usage,
      `Which worker: ${known.map(({ name }) => name).join(", ")}? Or --all.`,
      [wish.how.replace("NAME", first)],
    );
  }
  const names = wish.worker === undefined ? known.map(({ name }) => name) : [wish.worker];
  if (names.length === 0) await session.scope([]);
  for (const name of names) {
    if (present.some((one) => one.name === name || one.id === name)) continue;
    const one = wanted.find((worker) => worker.name === name);
    if (!one) await session.named([name]);
    else {
      await createWorker(session, one);
      cli.out.note(`${clean(name)}: made from coppice.toml, not deployed yet`);
    }
  }
  return names.map((name) => ({ name }));
}
