// The users of this host's projects: which, whether they are in force, and what of the state directory is theirs.
//
// 1. A project keeps its numbers: they are in users.json before anything runs as them.
// 2. Through the state directory others may pass; of what is in it they may read their project's releases and their own
//    HOME, and nothing else.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import * as z from "zod";
import { readIfThere, replaceFile } from "../durable.ts";
import { type Log, messageOf } from "../world.ts";
import { giveTo, openRelease } from "./owner.ts";
import { choosePair, type ProjectUsers, whyOwnUser } from "./verdict.ts";

const User = z.object({ uid: z.int().min(1), gid: z.int().min(1) });
const Noted = z.record(z.string(), z.object({ program: User, build: User }));

/** Through these others pass to what is theirs. */
const PASSED = ["releases", "homes", "cache"];

export interface UsersOptions {
  readonly state: string;
  readonly log: Log;
  /** Why nobody has a user of their own here; null where they have. */
  readonly why: string | null;
}

export class Users {
  readonly #options: UsersOptions;
  readonly #known = new Map<string, ProjectUsers>();
  readonly #opening = new Map<string, Promise<void>>();
  #opened = false;

  constructor(options: UsersOptions) {
    this.#options = options;
    if (options.why !== null) return;
    try {
      const noted = Noted.parse(JSON.parse(readIfThere(this.#path) ?? "{}"));
      for (const [projectId, users] of Object.entries(noted)) this.#known.set(projectId, users);
    } catch (error) {
      options.log.error("users.json can't be read", { message: messageOf(error) });
    }
  }

  get inForce(): boolean {
    return this.#options.why === null;
  }

  /** Null where the project's programs run as the agent does. */
  of(projectId: string | undefined): ProjectUsers | null {
    if (!this.inForce || projectId === undefined) return null;
    const known = this.#known.get(projectId);
    if (known !== undefined) return known;
    // Another agent of this machine, with a state directory of its own, most likely takes another pair.
    const seed = `${projectId}\0${resolve(this.#options.state)}`;
    const hash = createHash("sha256").update(seed).digest().readUInt32BE(0);
    const pair = choosePair(hash, this.#taken());
    if (pair === null) return null;
    this.#known.set(projectId, pair);
    replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#known), null, 2)}\n`);
    this.#options.log.info("user of a project", { projectId, ...pair.program });
    return pair;
  }

  /** Lets others pass through the state directory and closes what they need not see. Whoever starts us closes it again. */
  open(again: boolean): void {
    if (!this.inForce || (this.#opened && !again)) return;
    const { state } = this.#options;
    for (const name of PASSED) mkdirSync(join(state, name), { recursive: true, mode: 0o711 });
    for (const entry of readdirSync(state, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      chmodSync(join(state, entry.name), PASSED.includes(entry.name) ? 0o711 : 0o700);
    }
    chmodSync(state, 0o711);
    this.#opened = true;
  }

  /** Makes a directory that is the user's alone, with all that an earlier owner left in it. */
  async home(path: string, user: ProjectUsers["program"] | null): Promise<void> {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (user !== null && statSync(path).uid !== user.uid) await giveTo(path, user);
  }

  /** Lets the project's programs read the release that this directory belongs to. */
  async release(cwd: string, { program }: ProjectUsers): Promise<void> {
    const releases = join(this.#options.state, "releases");
    const [key = ""] = relative(releases, cwd).split("/");
    if (key === "" || key === "..") return;
    // Many instances of a release begin at once.
    const opening = this.#opening.get(key) ?? openRelease(join(releases, key), program.gid);
    this.#opening.set(key, opening);
    await opening.finally(() => this.#opening.delete(key));
  }

  get #path(): string {
    return join(this.#options.state, "users.json");
  }

  /** By us, and by whoever has a name on this machine. */
  #taken(): Set<number> {
    const taken = new Set<number>();
    for (const { program, build } of this.#known.values()) taken.add(program.uid).add(build.uid);
    const names = readIfThere("/etc/passwd") ?? "";
    for (const line of names.split("\n")) taken.add(Number(line.split(":")[2] ?? Number.NaN));
    return taken;
  }
}

/** Looks at this machine: why programs can't have users of their own here, or null. */
export function probeUsers(state: string): string | null {
  const status = readFileSync("/proc/self/status", "latin1");
  return whyOwnUser({
    uid: process.getuid?.() ?? -1,
    uidMap: readFileSync("/proc/self/uid_map", "latin1"),
    capabilities: /^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? "0",
    closed: closedAbove(resolve(state)),
  });
}

function closedAbove(state: string): string | null {
  let dir = dirname(state);
  let closed: string | null = null;
  for (;;) {
    const stat = statSync(dir, { throwIfNoEntry: false });
    if (stat !== undefined && (stat.mode & 0o001) === 0) closed = dir;
    if (dir === "/") return closed;
    dir = dirname(dir);
  }
}
