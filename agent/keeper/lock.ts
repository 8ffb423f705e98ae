// One keeper for one state directory. Each keeper that wants it lays down a file named after itself,
// `keeper.lock.<pid>.<start time>`, and only then looks for others.
//
// 1. Of two that want it at once at least one sees the other, and who sees a live other steps back: never two.
// 2. A dead keeper's file bears a name that nobody else can have, so removing it can't hit a live one.
import { readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { isAlive, readBootId, readStat } from "./procfs.ts";
import type { World } from "./world.ts";

export type Lock =
  | { readonly held: true; readonly release: () => void }
  | { readonly held: false; readonly by: string };

const PREFIX = "keeper.lock.";
const TRIES = 10;
const STEP_BACK_MS = 50;

/** Of several that come at once one usually gets it, after stepping back for a random while. */
export async function takeLock(stateDir: string, world: World): Promise<Lock> {
  const bootId = readBootId();
  const mine = `${PREFIX}${process.pid}.${readStat(process.pid)?.born ?? 0}`;
  const release = () => tryUnlink(join(stateDir, mine));
  let rival: string | null = null;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    writeFileSync(join(stateDir, mine), bootId, { mode: 0o600 });
    rival = liveRival(stateDir, mine, bootId);
    if (rival === null) {
      // Nobody visible to us; but a keeper in another pid namespace would answer.
      if (!(await answers(join(stateDir, "keeper.sock")))) return { held: true, release };
      rival = "elsewhere";
    }
    release();
    await new Promise<void>((done) => world.after(STEP_BACK_MS * world.random(), done));
  }
  return { held: false, by: rival ?? "unknown" };
}

/** The pid of another live one; the files of dead ones are removed. */
function liveRival(stateDir: string, mine: string, bootId: string): string | null {
  let rival: string | null = null;
  for (const name of readdirSync(stateDir)) {
    if (!name.startsWith(PREFIX) || name === mine) continue;
    const [pid, born] = name.slice(PREFIX.length).split(".");
    const path = join(stateDir, name);
    if (isAlive(Number(pid), Number(born)) && contentOf(path, bootId) === bootId) {
      rival = `pid ${pid}`;
    } else {
      tryUnlink(path);
    }
  }
  return rival;
}

/** A file that is still empty is being written in this boot. */
function contentOf(path: string, fallback: string): string {
  try {
    return readFileSync(path, "latin1") || fallback;
  } catch {
    return fallback;
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function tryUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
}
