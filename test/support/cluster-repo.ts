// Git repositories for the end-to-end tests, in temporary directories.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Configuration of the machine has no say: no signing, no hooks, no template. */
const GIT_ENV = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.org",
};

export class TestRepo {
  readonly path: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.path = mkdtempSync(join(tmpdir(), "coppice-repo-"));
    this.#git("init", "--quiet", "--initial-branch=main");
    this.commit(files, "First");
  }

  #git(...args: string[]): string {
    return execFileSync("git", ["-C", this.path, ...args], {
      env: GIT_ENV,
      encoding: "utf8",
    }).trim();
  }

  /** Writes files (path → text) and commits them; gives the commit's id. */
  commit(files: Readonly<Record<string, string>>, message: string): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
    this.#git("add", "--all");
    this.#git("commit", "--quiet", "--allow-empty", "-m", message);
    return this.head();
  }

  head(): string {
    return this.#git("rev-parse", "HEAD");
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
