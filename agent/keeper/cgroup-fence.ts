// The fence made of cgroups (v2): one for each instance, beside the keeper's own.
//
// 1. Layout: one cgroup holds the keeper alone, <base>/i-<instance> everything that instance started (cgroup-base.ts).
// 2. A child is born in the keeper's cgroup and moved at once. Whatever else is in there was forked by it
//    meanwhile and is moved too, so nothing escapes. (Moving the keeper there and back would be simpler,
//    but moving a process with threads takes the kernel milliseconds.)
// 3. The base is remembered in the state directory: a keeper started from another cgroup finds the same one.
import {
  closeSync,
  mkdirSync,
  openSync,
  readSync,
  watch as watchFile,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { trySignal } from "./best-effort-fence.ts";
import { type Base2, listDir, PREFIX, tryRmdir } from "./cgroup-base.ts";
import type { Fence, Held, Leader } from "./fence.ts";
import { read } from "./procfs.ts";
import { codeOf, messageOf, type World } from "./world.ts";

const ADMIT_PASSES = 100;

export class CgroupFence implements Fence {
  readonly kind = "cgroup";
  readonly #base: Base2;
  readonly #log: World["log"];
  readonly #fallback: Fence;
  readonly #ownProcs: number;
  readonly #buffer = Buffer.alloc(4096);
  readonly #known = new Set<string>();
  /** Instances that the kernel refused to take in: held by the weaker fence as well. */
  readonly #escaped = new Set<string>();
  readonly #oomKills = new Map<string, number>();

  constructor(base: Base2, log: World["log"], fallback: Fence) {
    this.#base = base;
    this.#log = log;
    this.#fallback = fallback;
    this.#ownProcs = openSync(join(base.keeperDir, "cgroup.procs"), "r");
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
    for (const pid of this.#inside(instanceId)) trySignal(pid, signal);
  };

  readonly pids = (held: readonly Held[]): number[][] => {
    const escaped = held.filter(({ instanceId }) => this.#escaped.has(instanceId));
    const outside = this.#fallback.pids(escaped);
    return held.map((one) => {
      const more = outside[escaped.indexOf(one)] ?? [];
      return [...new Set([...this.#inside(one.instanceId), ...more])];
    });
  };

  #inside(instanceId: string): number[] {
    const lines = (read(join(this.#dir(instanceId), "cgroup.procs")) ?? "").split("\n");
    return lines.flatMap((pid) => (pid === "" ? [] : [Number(pid)]));
  }

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
    for (const name of listDir(this.#base.dir)) {
      const instanceId = name.slice(PREFIX.length);
      if (!name.startsWith(PREFIX) || known.has(instanceId)) continue;
      this.#log(`${instanceId} belongs to nobody: killed`);
      this.kill(instanceId, null);
      tryRmdir(this.#dir(instanceId));
    }
  };

  readonly close = (): void => {
    const { dir, home, keeperDir } = this.#base;
    const names = listDir(dir).filter((name) => name.startsWith(PREFIX));
    if (!names.map((name) => tryRmdir(join(dir, name))).every(Boolean)) return;
    try {
      writeFileSync(join(home, "cgroup.procs"), "0");
    } catch {
      return;
    }
    tryRmdir(keeperDir, dir);
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
    return join(this.#base.dir, PREFIX + instanceId);
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
