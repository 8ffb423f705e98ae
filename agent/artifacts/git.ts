// Git, held short: which repositories, which transports, nothing that a repository could make us run.
//
// 1. Only the transports of the allow-list; no prompts, no hooks, no submodules, no configuration but ours.
// 2. Whatever comes from a user stands behind `--` and never begins with `-`.
// 3. An outcome is a value with a sentence that a person can act on.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildFailure } from "../../protocol/channel.ts";
import type { GitCredential } from "../../protocol/git-credential.ts";
import { branchSchema, refuseRepo, repoIsLocal } from "../../protocol/spec.ts";
import type { Ended, Running, Spawn } from "../world.ts";
import { openAuth } from "./git-auth.ts";

const CAPTURE_BYTES = 8 * 1_048_576;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const CONFIG = [
  "[safe]\n\tdirectory = *\n",
  "[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n\taskPass = \n",
  "[submodule]\n\trecurse = false\n[fetch]\n\trecurseSubmodules = false\n",
  "[advice]\n\tdetachedHead = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
  "[init]\n\tdefaultBranch = main\n",
].join("");

export type Refused = {
  readonly ok: false;
  readonly reason: BuildFailure;
  readonly message: string;
};
export type Result<T> = ({ readonly ok: true } & T) | Refused;

export interface GitOptions {
  readonly spawn: Spawn;
  readonly state: string;
  /** Of the agent: where git and ssh are, and whose ssh keys. */
  readonly path: string;
  readonly home: string;
}

export interface Remote {
  readonly repo: string;
  readonly allowLocalRepo: boolean;
  /** Opens it where it is private. */
  readonly git?: GitCredential | null | undefined;
}

export class Git {
  readonly #options: GitOptions;
  readonly #config: string;
  /** Told of each child, so that whoever cancels can kill it. */
  readonly #onChild: (child: Running) => void;

  constructor(options: GitOptions, onChild: (child: Running) => void) {
    this.#options = options;
    this.#onChild = onChild;
    this.#config = join(options.state, "gitconfig");
    mkdirSync(options.state, { recursive: true, mode: 0o700 });
    writeFileSync(this.#config, CONFIG, { mode: 0o600 });
  }

  /** The commit that a branch points to; a full commit id is itself. */
  async resolve(remote: Remote, ref: string): Promise<Result<{ commit: string }>> {
    const refused = refuseRemote(remote);
    if (refused !== null) return refused;
    if (COMMIT.test(ref)) return { ok: true, commit: ref };
    if (!branchSchema.safeParse(ref).success)
      return { ok: false, reason: "ref_not_found", message: `\`${ref}\` is not a branch name.` };
    const listed = await this.heads(remote);
    if (!listed.ok) return listed;
    const { heads } = listed;
    const commit = heads.get(ref);
    if (commit !== undefined && COMMIT.test(commit)) return { ok: true, commit };
    return { ok: false, reason: "ref_not_found", message: missingBranch(ref, [...heads.keys()]) };
  }

  /** All branches with their commits, and the one that HEAD names. */
  async heads(
    remote: Remote,
  ): Promise<Result<{ heads: ReadonlyMap<string, string>; head: string | null }>> {
    const refused = refuseRemote(remote);
    if (refused !== null) return refused;
    const which = ["HEAD", "refs/heads/*"];
    const listed = await this.#git(remote, ["ls-remote", "--symref", "--", remote.repo, ...which]);
    if (listed.code !== 0) return unreachableRepo(remote, listed);
    const lines = listed.stdout.split("\n");
    const heads = new Map(
      lines
        .map((line) => line.split("\trefs/heads/"))
        .flatMap(([commit, name]) => (commit && name ? [[name, commit] as const] : [])),
    );
    const named = lines.map((line) => /^ref: refs\/heads\/(.+)\tHEAD$/.exec(line)?.[1]);
    return { ok: true, heads, head: named.find((name) => name !== undefined) ?? null };
  }

  /** Fetches the newest commit of a branch to be read with `list` and `read`; large files only when they are read. */
  async fetchToRead(remote: Remote, branch: string, dir: string): Promise<Result<object>> {
    const refused = refuseRemote(remote);
    if (refused !== null) return refused;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const begun = await this.#git(remote, ["-C", dir, "init", "--quiet"]);
    if (begun.code !== 0) return failed(begun);
    const small = ["--depth=1", "--filter=blob:limit=256k", "--no-tags", "--no-recurse-submodules"];
    const what = ["--", remote.repo, `refs/heads/${branch}`];
    const fetched = await this.#git(remote, ["-C", dir, "fetch", "--quiet", ...small, ...what]);
    return fetched.code === 0 ? { ok: true } : unreachableRepo(remote, fetched);
  }

  /** Names in a directory of what `fetchToRead` fetched; null where there is no such directory. */
  async list(remote: Remote, dir: string, path: string): Promise<string[] | null> {
    const tree = `FETCH_HEAD:${path === "." ? "" : path}`;
    const out = await this.#git(remote, ["-C", dir, "ls-tree", "--name-only", "-z", tree]);
    return out.code === 0 ? out.stdout.split("\0").filter((name) => name !== "") : null;
  }

  async read(remote: Remote, dir: string, path: string): Promise<string | null> {
    const blob = `FETCH_HEAD:${path}`;
    const out = await this.#git(remote, ["-C", dir, "cat-file", "blob", blob]);
    return out.code === 0 ? out.stdout : null;
  }

  /** Puts exactly that commit into an empty directory; `.git` stays for the build to look at. */
  async checkout(
    remote: Remote,
    options: { commit: string; branch: string | null; dir: string },
  ): Promise<Result<{ message: string }>> {
    const refused = refuseRemote(remote);
    if (refused !== null) return refused;
    const { commit, branch, dir } = options;
    const inDir = (args: string[]) => this.#git(remote, ["-C", dir, ...args]);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const begun = await inDir(["init", "--quiet"]);
    if (begun.code !== 0) return failed(begun);
    const fetch = (args: string[], what: string) =>
      inDir([
        "fetch",
        "--quiet",
        "--no-tags",
        "--no-recurse-submodules",
        ...args,
        "--",
        remote.repo,
        what,
      ]);
    let fetched = await fetch(["--depth=1"], commit);
    if (fetched.code !== 0) {
      // Some servers give no commit by its id: take the branch, or all branches, and look for it there.
      const wanted =
        branch === null ? "+refs/heads/*:refs/remotes/origin/*" : `refs/heads/${branch}`;
      const wide = await fetch([], wanted);
      if (wide.code === 0) fetched = await inDir(["cat-file", "-e", `${commit}^{commit}`]);
      else fetched = wide;
      if (wide.code === 0 && fetched.code !== 0)
        return {
          ok: false,
          reason: "ref_not_found",
          message: `Commit ${commit} is not in ${remote.repo}: was it pushed?`,
        };
    }
    if (fetched.code !== 0) return unreachableRepo(remote, fetched);
    const out = await inDir(["checkout", "--quiet", "--detach", commit]);
    if (out.code !== 0) return failed(out);
    const subject = await inDir(["log", "-1", "--format=%s", commit]);
    return { ok: true, message: subject.stdout.trim().slice(0, 500) };
  }

  /** The paths of submodules in that commit. */
  async submodules(dir: string, commit: string): Promise<string[]> {
    const remote = { repo: dir, allowLocalRepo: true };
    const listed = await this.#git(remote, ["-C", dir, "ls-tree", "-r", "-z", commit]);
    return listed.stdout.split("\0").flatMap((entry) => {
      const [meta, path] = entry.split("\t");
      return meta?.startsWith("160000 ") && path !== undefined ? [path] : [];
    });
  }

  async #git(remote: Remote, args: readonly string[]): Promise<Ended> {
    const { spawn, path, home, state } = this.#options;
    // Only what speaks to the repository's server is given what opens it.
    const isRemote = args.includes(remote.repo);
    const auth = openAuth(state, remote.repo, isRemote ? (remote.git ?? null) : null);
    const local = remote.allowLocalRepo ? ":file" : "";
    const child = spawn({
      command: "git",
      args,
      cwd: "/",
      env: {
        PATH: path,
        HOME: home,
        LANG: "C.UTF-8",
        LC_ALL: "C.UTF-8",
        GIT_ALLOW_PROTOCOL: `https:ssh${local}`,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: this.#config,
        GIT_TERMINAL_PROMPT: "0",
        GIT_ASKPASS: "",
        SSH_ASKPASS: "",
        GIT_SSH_COMMAND:
          "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=20",
        ...auth.env,
      },
      captureBytes: CAPTURE_BYTES,
    });
    this.#onChild(child);
    try {
      return await child.ended;
    } finally {
      auth.close();
    }
  }
}

function refuseRemote({ repo, allowLocalRepo }: Remote): Refused | null {
  const why = refuseRepo(repo);
  const refuse = (message: string): Refused => ({ ok: false, reason: "repo_unreachable", message });
  if (why !== null) return refuse(`The repository address ${why}.`);
  if (repoIsLocal(repo) && !allowLocalRepo)
    return refuse("A local repository is not allowed here: use an https:// or ssh:// address.");
  return null;
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join("\n").slice(-1_500);
}

function unreachableRepo(remote: Remote, ended: Ended): Refused {
  if (isDiskFull(ended.stderr)) return failed(ended);
  const said = withoutSecret(ended.error ?? lastLines(ended.stderr), remote.git ?? null);
  const message = `Git could not read ${remote.repo}:\n${said}${hint(remote, said)}`;
  return { ok: false, reason: "repo_unreachable", message };
}

/** Git does not print it; should a server echo it, it ends here. */
function withoutSecret(text: string, git: GitCredential | null): string {
  return git?.kind === "token" ? text.replaceAll(git.token, "***") : text;
}

const REFUSED =
  /authentication failed|could not read (username|password)|permission denied|host key verification failed|terminal prompts disabled|repository not found/i;

function hint({ git, repo }: Remote, said: string): string {
  if (repoIsLocal(repo) || !REFUSED.test(said)) return "";
  return git
    ? "\nThe worker's credential did not open it: `coppice repo auth` sets another."
    : "\nIs it private? `coppice repo auth` gives the worker a token or a deploy key; one that was set for another server is not shown to this one.";
}

function failed(ended: Ended): Refused {
  const message = ended.error ?? lastLines(ended.stderr);
  if (isDiskFull(message))
    return { ok: false, reason: "disk", message: `The host's disk is full:\n${message}` };
  return { ok: false, reason: "internal", message: `Git failed:\n${message}` };
}

export function isDiskFull(text: string): boolean {
  return /no space left on device|ENOSPC|disk quota exceeded/i.test(text);
}

/** Says what is there instead: near names first. */
export function missingBranch(ref: string, heads: readonly string[]): string {
  if (heads.length === 0)
    return `There is no branch \`${ref}\`: the repository has no branches yet.`;
  const near = heads
    .map((name) => ({ name, distance: nameDistance(ref, name) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => `\`${name}\``);
  const more = heads.length > near.length ? ` and ${heads.length - near.length} more` : "";
  return `There is no branch \`${ref}\`. The repository has ${near.join(", ")}${more}.`;
}

function nameDistance(a: string, b: string): number {
  if (a.toLowerCase() === b.toLowerCase()) return 0;
  if (b.includes(a) || a.includes(b)) return 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
