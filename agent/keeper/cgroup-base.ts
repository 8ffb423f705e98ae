// Where our cgroups lie: a base of our own in version 2, and one in each hierarchy of version 1 whose controller
// version 2 lacks.
//
// 1. The base of version 2 lies beside the keeper's own cgroup where that brings controllers: under systemd that is the
//    slice, which has them for a service with Delegate=yes and holds no process. Below the service they could be
//    switched on only by leaving no process in it, and systemd could not start the next keeper there.
// 2. Where a base has instances already it stays, controllers or not.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CONTROLLERS, type Controller } from "./mechanism.ts";
import { ownCgroup, ownCgroup1, read } from "./procfs.ts";

/** What the directory of an instance's cgroup is called, before its id. */
export const PREFIX = "i-";

export interface Base2 {
  readonly dir: string;
  /** The keeper alone lives here. */
  readonly keeperDir: string;
  /** Where the keeper came from, and returns to when it ends. */
  readonly home: string;
  readonly controllers: ReadonlySet<Controller>;
}

export function baseName(stateDir: string): string {
  return `coppice-${createHash("sha256").update(stateDir).digest("hex").slice(0, 12)}`;
}

/** Moves the keeper into a cgroup of its own; null where no cgroup can be made. */
export function openBase2(stateDir: string): Base2 | null {
  const note = join(stateDir, "cgroup");
  const noted = read(note)?.trim();
  const name = baseName(stateDir);
  const home = homeOf(ownCgroup(), name);
  const held = noted && existsSync(noted) ? noted : null;
  const bases =
    held !== null && hasInstances(held) ? [held] : placesFor(home).map((dir) => join(dir, name));
  for (const dir of bases) {
    const base = tryBase(dir, home ?? dirname(dir));
    if (base === null) continue;
    if (held !== null && held !== dir) tryRmdir(join(held, "keeper"), held);
    try {
      writeFileSync(note, `${dir}\n`, { mode: 0o600 });
    } catch {
      return null;
    }
    return base;
  }
  return null;
}

/** The cgroup that we were started in; a keeper that is a child of another's, or of a program of ours, is no special case. */
function homeOf(own: string | null, name: string): string | null {
  if (own === null) return null;
  if (basename(own) === KEEPER_LEAF) return dirname(own);
  return basename(dirname(own)) === name ? dirname(dirname(own)) : own;
}

const KEEPER_LEAF = "coppice-keeper";

/** Directories in which a base may lie, best first. */
function placesFor(home: string | null): string[] {
  if (home === null) return [];
  const above = dirname(home);
  // The root of what we see has nothing above; and a program of ours must not leave its own fence.
  const isRoot = !existsSync(join(above, "cgroup.procs"));
  if (isRoot || basename(home).startsWith(PREFIX)) return [home];
  return [above, home];
}

function tryBase(dir: string, home: string): Base2 | null {
  const parent = dirname(dir);
  const beside = parent === dirname(home);
  const keeperDir = beside ? join(home, KEEPER_LEAF) : join(dir, "keeper");
  try {
    mkdirSync(dir, { recursive: true });
    mkdirSync(keeperDir, { recursive: true });
    if (!existsSync(join(keeperDir, "cgroup.kill"))) return null;
    writeFileSync(join(keeperDir, "cgroup.procs"), "0");
  } catch {
    return null;
  }
  // Below a service's own cgroup controllers would keep systemd from starting the next keeper.
  if (!parent.endsWith(".service")) enable(parent);
  enable(dir);
  return { dir, keeperDir, home, controllers: enabledIn(dir) };
}

/** One at a time: the kernel takes all that are named or none. */
function enable(dir: string): void {
  const enabled = enabledIn(dir);
  for (const controller of CONTROLLERS) {
    if (enabled.has(controller)) continue;
    try {
      writeFileSync(join(dir, "cgroup.subtree_control"), `+${controller}`);
    } catch {}
  }
}

function enabledIn(dir: string): ReadonlySet<Controller> {
  const names = (read(join(dir, "cgroup.subtree_control")) ?? "").trim().split(" ");
  return new Set(CONTROLLERS.filter((controller) => names.includes(controller)));
}

/** Base directories of version 1, for the controllers that version 2 does not give us. */
export function openBases1(
  stateDir: string,
  without: ReadonlySet<Controller>,
): ReadonlyMap<Controller, string> {
  const note = join(stateDir, "cgroup1");
  const noted = new Map((read(note) ?? "").split("\n").map(noteOf));
  const bases = new Map<Controller, string>();
  for (const controller of CONTROLLERS) {
    if (without.has(controller)) continue;
    const before = noted.get(controller);
    const own = ownCgroup1(controller);
    const dir = before && existsSync(before) ? before : own && join(own, baseName(stateDir));
    if (!dir) continue;
    try {
      mkdirSync(dir, { recursive: true });
      if (existsSync(join(dir, PROOF[controller]))) bases.set(controller, dir);
    } catch {}
  }
  try {
    const lines = [...bases].map(([controller, dir]) => `${controller} ${dir}\n`);
    if (lines.length > 0) writeFileSync(note, lines.join(""), { mode: 0o600 });
  } catch {}
  return bases;
}

function noteOf(line: string): readonly [string, string] {
  const at = line.indexOf(" ");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** A file that only a real group of that controller has. */
const PROOF = {
  memory: "memory.limit_in_bytes",
  cpu: "cpu.cfs_quota_us",
  pids: "pids.max",
} as const satisfies Record<Controller, string>;

function hasInstances(dir: string): boolean {
  return listDir(dir).some((name) => name.startsWith(PREFIX));
}

export function listDir(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** True where none of them is there any more. */
export function tryRmdir(...paths: readonly string[]): boolean {
  for (const path of paths) {
    try {
      rmdirSync(path);
    } catch {
      if (existsSync(path)) return false;
    }
  }
  return true;
}
