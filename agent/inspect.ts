// Looks into a repository for somebody who is about to make a worker of it: its branches, and what its files suggest.
//
// 1. Nothing of the repository is run or checked out; few files are read, and the fetched objects go at once.
// 2. It always answers, within its time, whatever the repository is.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Inspect, Inspected } from "../protocol/channel.ts";
import { branchSchema, rootDirSchema } from "../protocol/spec.ts";
import { Git, type GitOptions } from "./artifacts/git.ts";
import { type Files, READ_FILES, suggest } from "./suggest.ts";
import { type Log, messageOf, type Running, type World } from "./world.ts";

const LIMIT_MS = 20_000;
const AT_ONCE = 2;
const MOST_BRANCHES = 1_000;
const FILE_CHARS = 262_144;

export interface InspectorOptions {
  readonly world: World;
  readonly log: Log;
  readonly state: string;
  readonly git: Omit<GitOptions, "spawn" | "state">;
}

type Finding = Omit<Inspected, "type" | "id">;

const NOTHING: Finding = {
  readable: false,
  branches: [],
  defaultBranch: null,
  suggestions: [],
  reason: null,
};

/** One look, with the child that it runs now. */
class Look {
  readonly #options: InspectorOptions;
  readonly #asked: Inspect;
  readonly #dir: string;
  #child: Running | null = null;
  #ended = false;

  constructor(options: InspectorOptions, asked: Inspect, dir: string) {
    this.#options = options;
    this.#asked = asked;
    this.#dir = dir;
  }

  end(): void {
    this.#ended = true;
    this.#child?.killGroup("SIGKILL");
  }

  async run(): Promise<Finding> {
    const { world, state } = this.#options;
    const git = new Git({ ...this.#options.git, spawn: world.spawn, state }, (child) => {
      this.#child = child;
      if (this.#ended) child.killGroup("SIGKILL");
    });
    const listed = await git.heads(this.#asked);
    if (!listed.ok) return { ...NOTHING, reason: this.#ended ? TOO_SLOW : listed.message };
    const names = [...listed.heads.keys()].sort();
    const head = listed.head !== null && listed.heads.has(listed.head) ? listed.head : null;
    const found: Finding = {
      ...NOTHING,
      readable: true,
      branches: names.filter((name) => name.length <= 255).slice(0, MOST_BRANCHES),
      defaultBranch: head,
    };
    const branch = this.#asked.branch ?? head ?? names[0];
    if (branch === undefined) return { ...found, reason: "The repository has no branches yet." };
    if (!listed.heads.has(branch) || !branchSchema.safeParse(branch).success)
      return { ...found, reason: `There is no branch \`${branch}\`.` };
    return { ...found, ...(await this.#suggestions(git, branch)) };
  }

  async #suggestions(git: Git, branch: string): Promise<Pick<Finding, "suggestions" | "reason">> {
    const none = (reason: string) => ({ suggestions: [], reason: this.#ended ? TOO_SLOW : reason });
    const root = rootDirSchema.safeParse(this.#asked.rootDir);
    if (!root.success) return none("The root directory is not valid.");
    const fetched = await git.fetchToRead(this.#asked, branch, this.#dir);
    if (!fetched.ok) return none(fetched.message);
    const names = await git.list(this.#asked, this.#dir, root.data);
    if (names === null) return none(`There is no directory \`${root.data}\` on ${branch}.`);
    const texts = new Map<string, string>();
    for (const name of READ_FILES) {
      if (!names.includes(name)) continue;
      const path = root.data === "." ? name : `${root.data}/${name}`;
      const text = await git.read(this.#asked, this.#dir, path);
      if (text !== null && text.length <= FILE_CHARS) texts.set(name, text);
    }
    const files: Files = { names: new Set(names), read: (name) => texts.get(name) };
    return { suggestions: suggest(files), reason: this.#ended ? TOO_SLOW : null };
  }
}

const TOO_SLOW = "The host could not read the repository in time.";

export class Inspector {
  readonly #options: InspectorOptions;
  readonly #looks = new Set<Look>();
  #count = 0;

  constructor(options: InspectorOptions) {
    this.#options = options;
    rmSync(join(options.state, "inspect"), { recursive: true, force: true });
  }

  async inspect(asked: Inspect): Promise<Inspected> {
    return { type: "inspected", id: asked.id, ...(await this.#find(asked)) };
  }

  stop(): void {
    for (const look of this.#looks) look.end();
  }

  async #find(asked: Inspect): Promise<Finding> {
    const { log, state, world } = this.#options;
    if (this.#looks.size >= AT_ONCE)
      return { ...NOTHING, reason: "The host looks into other repositories just now; try again." };
    const dir = join(state, "inspect", String(++this.#count));
    const look = new Look(this.#options, asked, dir);
    this.#looks.add(look);
    const timer = world.after(LIMIT_MS, () => look.end());
    try {
      const found = await look.run();
      return { ...found, reason: found.reason?.slice(0, 2_000) ?? null };
    } catch (error) {
      log.error("inspection broke", { message: messageOf(error) });
      return { ...NOTHING, reason: "The host could not look into the repository." };
    } finally {
      timer.cancel();
      this.#looks.delete(look);
      rmSync(dir, { recursive: true, force: true });
    }
  }
}
