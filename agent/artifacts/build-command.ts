// Runs a build command in its box and hands the tree over: to its user before, to root and the program's group after.
import { closeSync, mkdirSync, openSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { dirname, relative } from "node:path";
import type { Source } from "../../protocol/channel.ts";
import { buildEnv, buildMark, cacheDir } from "../environment.ts";
import { giveTo, openFor } from "../users/owner.ts";
import type { User } from "../users/verdict.ts";
import type { Running } from "../world.ts";
import type { BuildRun } from "./build.ts";
import { BuildBox } from "./build-box.ts";

interface CommandRun {
  readonly source: Source;
  readonly command: string;
  /** Told of the process as soon as there is one: it may have to be ended. */
  readonly adopt: (child: Running, box: BuildBox) => void;
}

/** How it failed, as the end of a sentence; null where it did not. Nothing that it started is left then. */
export async function runBuildCommand(
  run: Omit<BuildRun, "onStep">,
  { source, command, adopt }: CommandRun,
): Promise<string | null> {
  const { build, buildLimits, programPath, project, state, store, users, worker, workerId } = run;
  const home = cacheDir(state, workerId);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const dir = store.treeDir(source);
  const user = users?.build ?? null;
  if (user !== null) await handOver(dir, home, user);
  const { commit } = source;
  const { env } = build;
  const box = new BuildBox({ ...run, user, limits: buildLimits, mark: buildMark(dir) });
  const outputFd = openSync(run.spool, "a", 0o600);
  let child: Running;
  try {
    child = box.spawn({
      command,
      cwd: store.runDir(source),
      env: buildEnv({ programPath, home, project, worker, commit, dir, env }),
      outputFd,
    });
  } finally {
    closeSync(outputFd);
  }
  adopt(child, box);
  const ended = await child.ended;
  // Whatever the command left running does not belong to the release.
  child.killGroup("SIGKILL");
  box.kill();
  const foreign =
    users === null ? null : await openFor(dir, users.program.gid, { from: users.build });
  const killed = box.whyKilled();
  box.close();
  if (ended.code === 0)
    return foreign === null
      ? null
      : `left \`${relative(dir, foreign)}\`, which is the file of another user`;
  const code = ended.code === null ? `was ended by ${ended.signal}` : `exited with ${ended.code}`;
  return killed ?? ended.error ?? code;
}

/** The build's user may write the tree and the caches, and nobody else the caches. */
async function handOver(dir: string, home: string, user: User): Promise<void> {
  await chmod(dirname(dir), 0o711);
  await giveTo(dir, user);
  const { uid } = await stat(home);
  if (uid !== user.uid) await giveTo(home, user);
}
