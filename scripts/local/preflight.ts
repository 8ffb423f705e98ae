// What has to be so before anything starts; each that is not gets one line that says what to do.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { refuseRepo } from "../../protocol/spec.ts";
import { commandLine } from "./identity.ts";

const run = promisify(execFile);

/** Ends the start with one line and code 1. */
export class PreflightError extends Error {}

export async function requireGit(): Promise<void> {
  try {
    await run("git", ["--version"]);
  } catch {
    throw new PreflightError(
      "git is missing: install it (on Debian: apt-get install git), then `npm start` again.",
    );
  }
}

/** A Unix socket's name holds at most 107 bytes; keeper and agent each have one made of the host's directory. */
const LONGEST_HOST_PATH = 107 - "\0coppice-agent:".length;

export function requireShortPath(hostDirectory: string): void {
  const over = Buffer.byteLength(hostDirectory) - LONGEST_HOST_PATH;
  if (over > 0) {
    throw new PreflightError(
      `the state directory's path is ${over} characters too long for the sockets in it: set COPPICE_STATE_DIR to a shorter one.`,
    );
  }
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new PreflightError(`COPPICE_PORT must be a number from 1 to 65535, not "${text}".`);
}

/** Whether nothing listens on 127.0.0.1:port. */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

export async function requirePort(port: number): Promise<void> {
  if (await portIsFree(port)) return;
  const owner = listenerOf(port);
  const who = owner === null ? "another program" : `${owner.command} (pid ${owner.pid})`;
  throw new PreflightError(
    `port ${port} is taken by ${who}: end it, or choose another port with COPPICE_PORT=… npm start.`,
  );
}

/** Who listens on a port, by /proc; null where that cannot be seen. */
function listenerOf(port: number): { pid: number; command: string } | null {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  try {
    const inodes = new Set<string>();
    for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
      for (const line of readFileSync(table, "latin1").split("\n").slice(1)) {
        const fields = line.trim().split(/\s+/);
        if (fields[1]?.endsWith(`:${hex}`) && fields[3] === "0A")
          inodes.add(`socket:[${fields[9]}]`);
      }
    }
    for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      if (holdsOneOf(Number(name), inodes)) {
        return { pid: Number(name), command: commandLine(Number(name)).slice(0, 60) };
      }
    }
  } catch {
    // No /proc here.
  }
  return null;
}

function holdsOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

export interface Checkout {
  /** As the API takes it: a path, or a file address where the path holds blanks. */
  readonly repo: string;
  /** The branch that is checked out; null with a detached HEAD. */
  readonly branch: string | null;
  readonly commit: string;
}

/** This checkout as a repository, or a sentence why it is none. */
export async function readCheckout(root: string, folder: string): Promise<Checkout | string> {
  const git = async (...args: string[]) => (await run("git", ["-C", root, ...args])).stdout.trim();
  try {
    const commit = await git("rev-parse", "--verify", "HEAD^{commit}");
    const branch = await git("symbolic-ref", "--quiet", "--short", "HEAD").catch(() => null);
    const top = await git("rev-parse", "--show-toplevel");
    await git("cat-file", "-e", `HEAD:${folder}`);
    return { repo: refuseRepo(top) === null ? top : pathToFileURL(top).href, branch, commit };
  } catch (error) {
    const text = (error as { stderr?: string }).stderr?.trim().split("\n")[0];
    return text || "it has no commit yet";
  }
}
