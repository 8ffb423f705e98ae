// The fence made of cgroups (v2): one for each instance, beside the keeper's own.
//
// 1. Layout: <base>/keeper holds the keeper alone, <base>/i-<instance> everything that instance started.
// 2. A child is born in the keeper's cgroup and moved at once. Whatever else is in there was forked by it
//    meanwhile and is moved too, so nothing escapes. (Moving the keeper there and back would be simpler,
//    but moving a process with threads takes the kernel milliseconds.)
// 3. The base is remembered in the state directory: a keeper started from another cgroup finds the same one.
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  watch as watchFile,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { trySignal } from "./best-effort-fence.ts";
import type { Fence, FenceOptions, Leader } from "./fence.ts";
import { ownCgroup, read } from "./procfs.ts";
import { codeOf, messageOf } from "./world.ts";

const PREFIX = "i-";
const ADMIT_PASSES = 100;

/** Null where this machine gives us no cgroup to write to. */
export function makeCgroupFence(options: FenceOptions, fallback: Fence): Fence | null {
  const base = openBase(options.stateDir);
  if (base === null) return null;
  return new CgroupFence(base, options.log, fallback);
}

class CgroupFence implements Fence {
  readonly kind = "cgroup";
  readonly #base: string;
  readonly #log: (line: string) => void;
  readonly #fallback: Fence;
  readonly #ownProcs: number;
  readonly #buffer = Buffer.alloc(4096);
  readonly #known = new Set<string>();
  /** Instances that the kernel refused to take in: held by the weaker fence as well. */
  readonly #escaped = new Set<string>();
  readonly #oomKills = new Map<string, number>();

  constructor(base: string, log: (line: string) => void, fallback: Fence) {
    this.#base = base;
    this.#log = log;
    this.#fallback = fallback;
    this.#ownProcs = openSync(join(base, "keeper", "cgroup.procs"), "r");
  }

  readonly admit = (instanceId: string, pid: number): void => {
    try {
      const procs = openSync(join(this.#make(instanceId), "cgroup.procs"), "w");
      try {
        move(pid, procs);
        for (let pass = 0; pass < ADMIT_PASSES; pass++) {
          const strays = this.#strays();
          if (strays.length === 0) return;
          for (const stray of strays) move(stray, procs);
        }
      } finally {
        closeSync(procs);
      }
    } catch (error) {
      this.#escaped.add(instanceId);
      this.#known.delete(instanceId);
      this.#log(`cgroup of ${instanceId}: ${messageOf(error)}`);
    }
  };

  readonly isEmpty = (instanceId: string, leader: Leader | null): boolean => {
    const events = read(join(this.#dir(instanceId), "cgroup.events"));
    if (events?.includes("populated 1")) return false;
    return !this.#escaped.has(instanceId) || this.#fallback.isEmpty(instanceId, leader);
  };

  readonly signal = (instanceId: string, leader: Leader | null, signal: NodeJS.Signals): void => {
    if (this.#escaped.has(instanceId)) {
      this.#fallback.signal(instanceId, leader, signal);
      return;
    }
    const pids = (read(join(this.#dir(instanceId), "cgroup.procs")) ?? "").split("\n");
    for (const pid of pids) if (pid !== "") trySignal(Number(pid), signal);
  };

  readonly kill = (instanceId: string, leader: Leader | null): void => {
    try {
      writeFileSync(join(this.#dir(instanceId), "cgroup.kill"), "1");
    } catch (error) {
      if (codeOf(error) !== "ENOENT") this.#log(`cgroup.kill: ${messageOf(error)}`);
    }
    if (this.#escaped.has(instanceId)) this.#fallback.kill(instanceId, leader);
  };

  readonly tookOom = (instanceId: string): boolean => {
    const events = read(join(this.#dir(instanceId), "memory.events"));
    const kills = Number(/^oom_kill (\d+)$/m.exec(events ?? "")?.[1] ?? 0);
    const before = this.#oomKills.get(instanceId) ?? 0;
    if (kills !== before) this.#oomKills.set(instanceId, kills);
    return kills > before;
  };

  readonly watch = (instanceId: string, run: () => void): (() => void) => {
    try {
      const watcher = watchFile(join(this.#dir(instanceId), "cgroup.events"), run);
      watcher.on("error", () => watcher.close());
      return () => watcher.close();
    } catch {
      return () => {};
    }
  };

  readonly release = (instanceId: string): void => {
    this.#known.delete(instanceId);
    this.#escaped.delete(instanceId);
    this.#oomKills.delete(instanceId);
    tryRmdir(this.#dir(instanceId));
  };

  readonly sweep = (known: ReadonlySet<string>): void => {
    for (const stray of this.#strays()) trySignal(stray, "SIGKILL");
    for (const name of listDir(this.#base)) {
      const instanceId = name.slice(PREFIX.length);
      if (!name.startsWith(PREFIX) || known.has(instanceId)) continue;
      this.#log(`${instanceId} belongs to nobody: killed`);
      this.kill(instanceId, null);
      tryRmdir(this.#dir(instanceId));
    }
  };

  readonly close = (): void => {
    const names = listDir(this.#base).filter((name) => name.startsWith(PREFIX));
    if (!names.map((name) => tryRmdir(join(this.#base, name))).every(Boolean)) return;
    try {
      writeFileSync(join(dirname(this.#base), "cgroup.procs"), "0");
    } catch {
      return;
    }
    tryRmdir(join(this.#base, "keeper"));
    tryRmdir(this.#base);
  };

  /** What is in the keeper's own cgroup beside the keeper. */
  #strays(): number[] {
    const length = readSync(this.#ownProcs, this.#buffer, 0, this.#buffer.length, 0);
    const text = this.#buffer.toString("latin1", 0, length);
    // The buffer may end within a number: only whole lines count, the next pass sees the rest.
    const lines = text.slice(0, text.lastIndexOf("\n")).split("\n");
    return lines.map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  }

  #dir(instanceId: string): string {
    return join(this.#base, PREFIX + instanceId);
  }

  #make(instanceId: string): string {
    const dir = this.#dir(instanceId);
    if (!this.#known.has(instanceId)) mkdirSync(dir, { recursive: true });
    this.#known.add(instanceId);
    return dir;
  }
}

/** Moves a process; one that has ended meanwhile is no error. */
function move(pid: number, procs: number): void {
  try {
    writeFileSync(procs, String(pid));
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

/** Our base cgroup with the keeper moved into it; null where that fails. */
function openBase(stateDir: string): string | null {
  const note = join(stateDir, "cgroup");
  const noted = read(note)?.trim();
  const own = ownCgroup();
  const hash = createHash("sha256").update(stateDir).digest("hex").slice(0, 12);
  const name = `coppice-${hash}`;
  const parent = own !== null && basename(dirname(own)) === name ? dirname(dirname(own)) : own;
  const base = noted && existsSync(noted) ? noted : parent && join(parent, name);
  if (!base) return null;
  try {
    mkdirSync(join(base, "keeper"), { recursive: true });
    if (!existsSync(join(base, "keeper", "cgroup.kill"))) return null;
    writeFileSync(join(base, "keeper", "cgroup.procs"), "0");
    writeFileSync(note, `${base}\n`, { mode: 0o600 });
  } catch {
    return null;
  }
  try {
    // Where we are given the memory controller, its events tell an OOM kill from any other KILL.
    writeFileSync(join(base, "cgroup.subtree_control"), "+memory");
  } catch {}
  return base;
}

function listDir(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function tryRmdir(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return !existsSync(path);
  }
}
