// Where the installer puts things, and which of it is in use. The shell's half of this is service/start.sh.
import { readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readIfThere } from "../durable.ts";
import { isAlive } from "../keeper/procfs.ts";

export const DEFAULT_PREFIX = "/opt/coppice";
export const DEFAULT_STATE = "/var/lib/coppice";

export const ROLES = ["agent", "keeper"] as const;
export type Role = (typeof ROLES)[number];

/** The directory that is above `versions/`; null for an agent that was not installed so. */
export function installedPrefix(env: NodeJS.ProcessEnv): string | null {
  return env.COPPICE_PREFIX || null;
}

export function versionDir(prefix: string, version: string): string {
  return join(prefix, "versions", version);
}

/** The version that a role's link names; null where there is no link. */
export function linkedVersion(prefix: string, role: Role): string | null {
  try {
    return basename(readlinkSync(join(prefix, role)));
  } catch {
    return null;
  }
}

/** Points the link elsewhere; at every moment it points to one of the two. */
export function relink(prefix: string, role: Role, version: string): void {
  const fresh = join(prefix, `.${role}.${process.pid}`);
  rmSync(fresh, { force: true });
  symlinkSync(join("versions", version), fresh);
  renameSync(fresh, join(prefix, role));
}

/** The process that start.sh became, by the file that it left; null where that one runs no more. */
export function runningPid(state: string, role: Role): number | null {
  const [pid, born] = (readIfThere(join(state, `${role}.pid`)) ?? "").trim().split(" ").map(Number);
  return pid && born && isAlive(pid, born) ? pid : null;
}

/** The version whose files run in this process: the bundle's directory bears its name. */
export function ownVersion(file: string, fallback: string): string {
  try {
    const manifest: unknown = JSON.parse(
      readFileSync(join(dirname(file), "manifest.json"), "utf8"),
    );
    const { version } = manifest as { version?: unknown };
    return typeof version === "string" ? version : fallback;
  } catch {
    return fallback;
  }
}
