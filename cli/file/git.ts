// What git says of the folder: where the repository comes from, which branch is checked out, where in it we are.
import { execFile } from "node:child_process";
import { relative } from "node:path";
import { refuseRepo } from "../../protocol/spec.ts";

export interface Checkout {
  /** Address that a host can clone; null where there is none that is allowed. */
  readonly repo: string | null;
  /** Why not. */
  readonly reason: string | null;
  readonly branch: string | null;
  /** This folder within the repository, `.` for its root. */
  readonly rootDir: string;
  readonly top: string;
  /** Commits of this branch that the remote has not, as far as is known here; null where nothing is known. */
  readonly unpushed: number | null;
  /** Changes that no commit has. */
  readonly dirty: boolean;
}

function git(cwd: string, ...args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("git", ["-C", cwd, ...args], { encoding: "utf8", timeout: 5_000 }, (error, stdout) =>
      resolve(error ? null : stdout.trim()),
    );
  });
}

/** `git://`, `http://` and addresses with a user are turned into what Coppice takes, where that is plain. */
export function cleanRemote(remote: string): string {
  const https = /^https?:\/\/(?:[^@/]+@)?(.+)$/.exec(remote);
  if (https) return `https://${https[1]}`;
  return remote.replace(/^git:\/\//, "https://");
}

/** Null outside of any repository. */
export async function readCheckout(
  cwd: string,
  options: { readonly localAllowed: boolean },
): Promise<Checkout | null> {
  const top = await git(cwd, "rev-parse", "--show-toplevel");
  if (top === null) return null;
  const [remote, branch, ahead, changes, prefix] = await Promise.all([
    git(cwd, "remote", "get-url", "origin"),
    git(cwd, "symbolic-ref", "--short", "--quiet", "HEAD"),
    git(cwd, "rev-list", "--count", "@{upstream}..HEAD"),
    git(cwd, "status", "--porcelain", "--untracked-files=no"),
    git(cwd, "rev-parse", "--show-prefix"),
  ]);
  const rootDir = prefix?.replace(/\/$/, "") || relative(top, cwd) || ".";
  const common = {
    branch: branch || null,
    rootDir: rootDir.startsWith("..") ? "." : rootDir,
    top,
    unpushed: ahead === null ? null : Number(ahead),
    dirty: Boolean(changes),
  };
  const address = remote ? cleanRemote(remote) : null;
  const refused = address === null ? "it has no remote `origin`" : refuseRepo(address);
  const isPath = address === null || address.startsWith("/") || address.startsWith("file:");
  if (refused === null && !isPath) return { ...common, repo: address, reason: null };
  if (options.localAllowed) return { ...common, repo: top, unpushed: null, reason: null };
  return { ...common, repo: null, reason: refused ?? "its `origin` is a path on this machine" };
}
