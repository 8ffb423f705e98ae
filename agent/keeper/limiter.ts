// Holds each instance to its limits, by whatever this machine has for each (mechanism.ts).
//
// 1. An instance without a limit costs nothing: no group of its own in version 1, no look at its memory.
// 2. Limits are an instance's for its life; they are written before its first process of this keeper starts.
// 3. A limit that can't be set is a line in the keeper's log, never a program that does not run.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InForce, KeeperInstance } from "../../protocol/keeper.ts";
import { type Base2, listDir, PREFIX, tryRmdir } from "./cgroup-base.ts";
import type { Fence, Leader } from "./fence.ts";
import {
  type Controller,
  OPTIONAL_FILES,
  type Setting,
  settings1,
  settings2,
} from "./mechanism.ts";
import { descendantsOf, read } from "./procfs.ts";
import { Sampler } from "./sampler.ts";
import { type Cancel, codeOf, messageOf, type World } from "./world.ts";

export interface LimiterOptions {
  readonly world: World;
  readonly fence: Fence;
  readonly base2: Base2 | null;
  readonly bases1: ReadonlyMap<Controller, string>;
  readonly inForce: InForce;
}

const JOIN_PASSES = 20;

export class Limiter {
  readonly #options: LimiterOptions;
  readonly #sampler: Sampler;
  readonly #prepared = new Set<string>();
  readonly #oomKills = new Map<string, number>();

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#sampler = new Sampler(options.world, options.fence);
  }

  /** Before each spawn. */
  prepare({ instanceId, limits }: KeeperInstance): void {
    if (limits === undefined || this.#prepared.has(instanceId)) return;
    this.#prepared.add(instanceId);
    const { base2, bases1 } = this.#options;
    if (base2 !== null) {
      const settings = settings2(limits, base2.controllers);
      if (settings.length > 0) this.#set(join(base2.dir, PREFIX + instanceId), settings);
    }
    for (const [controller, base] of bases1) {
      const settings = settings1(limits, controller);
      if (settings.length > 0) this.#set(join(base, PREFIX + instanceId), settings);
    }
  }

  /** After the fence took the process in: so it does in version 1, with whatever it forked since. */
  admit({ instanceId }: KeeperInstance, leader: Leader): void {
    for (const base of this.#options.bases1.values()) {
      const dir = join(base, PREFIX + instanceId);
      if (existsSync(dir)) this.#join(instanceId, leader, join(dir, "cgroup.procs"));
    }
  }

  /** Looks at its memory where only looking holds it; `over` once it has more than its limit. Null where it need not. */
  watch({ instanceId, limits }: KeeperInstance, leader: Leader, over: () => void): Cancel | null {
    const limitBytes = limits?.memoryBytes ?? null;
    if (limitBytes === null || this.#options.inForce.memory !== "sampled") return null;
    return this.#sampler.add({ limitBytes, held: { instanceId, leader }, over });
  }

  /** Whether the kernel killed something of it for memory since the last call, in version 1. */
  tookOom(instanceId: string): boolean {
    const base = this.#options.bases1.get("memory");
    if (base === undefined) return false;
    const control = read(join(base, PREFIX + instanceId, "memory.oom_control"));
    const kills = Number(/^oom_kill (\d+)$/m.exec(control ?? "")?.[1] ?? 0);
    const before = this.#oomKills.get(instanceId) ?? 0;
    if (kills !== before) this.#oomKills.set(instanceId, kills);
    return kills > before;
  }

  release(instanceId: string): void {
    this.#prepared.delete(instanceId);
    this.#oomKills.delete(instanceId);
    for (const base of this.#options.bases1.values()) tryRmdir(join(base, PREFIX + instanceId));
  }

  /** Takes away the groups of instances that are no more. */
  sweep(known: ReadonlySet<string>): void {
    for (const base of this.#options.bases1.values())
      for (const name of listDir(base))
        if (name.startsWith(PREFIX) && !known.has(name.slice(PREFIX.length)))
          tryRmdir(join(base, name));
  }

  close(): void {
    for (const base of this.#options.bases1.values()) {
      const names = listDir(base).filter((name) => name.startsWith(PREFIX));
      tryRmdir(...names.map((name) => join(base, name)), base);
    }
  }

  #set(dir: string, settings: readonly Setting[]): void {
    try {
      mkdirSync(dir, { recursive: true });
    } catch (error) {
      this.#options.world.log(`${dir}: ${messageOf(error)}`);
      return;
    }
    for (const [file, value] of settings) {
      try {
        writeFileSync(join(dir, file), value, { flag: "r+" });
      } catch (error) {
        const expected = OPTIONAL_FILES.has(file) && codeOf(error) === "ENOENT";
        if (!expected) this.#options.world.log(`${file} of ${dir}: ${messageOf(error)}`);
      }
    }
  }

  /** Until a look finds nobody who is not in. */
  #join(instanceId: string, leader: Leader, procs: string): void {
    const { fence } = this.#options;
    const joined = new Set<number>();
    for (let pass = 0; pass < JOIN_PASSES; pass++) {
      // Its parents live yet: a look at all processes would hold up every start.
      const below = descendantsOf(leader.pid) ?? fence.pids([{ instanceId, leader }]).flat();
      const outside = [leader.pid, ...below].filter((pid) => !joined.has(pid));
      if (outside.length === 0) return;
      for (const pid of outside) {
        joined.add(pid);
        try {
          writeFileSync(procs, String(pid), { flag: "r+" });
        } catch (error) {
          // It ended meanwhile.
          if (codeOf(error) !== "ESRCH") {
            this.#options.world.log(`${procs}: ${messageOf(error)}`);
            return;
          }
        }
      }
    }
  }
}
