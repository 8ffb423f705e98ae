// Watches processes that we did not spawn: those that an earlier keeper left running.
//
// 1. No timer while nothing is adopted.
// 2. A pid counts as gone when /proc no longer shows it with the start time that the journal has.
import type { Fence } from "./fence.ts";
import { isAlive } from "./procfs.ts";
import type { Cancel, World } from "./world.ts";

const POLL_MS = 200;
/** A pid that answers is checked for its identity only each so many polls: kill(pid, 0) is far cheaper. */
const FULL_CHECK_EACH = 10;

interface Adopted {
  readonly pid: number;
  readonly born: number;
}

interface Watched extends Adopted {
  readonly gone: () => void;
}

export class AdoptionWatch {
  readonly #world: World;
  readonly #fence: Fence;
  readonly #watched = new Set<Watched>();
  #timer: Cancel | null = null;
  #round = 0;

  constructor(world: World, fence: Fence) {
    this.#world = world;
    this.#fence = fence;
  }

  add(instanceId: string, { pid, born }: Adopted, gone: () => void): Cancel {
    const watched: Watched = { pid, born, gone };
    this.#watched.add(watched);
    const unwatch = this.#fence.watch(instanceId, () => this.#check(watched, true));
    this.#timer ??= this.#world.after(POLL_MS, () => this.#poll());
    return () => {
      this.#watched.delete(watched);
      unwatch();
    };
  }

  #poll(): void {
    this.#round++;
    const full = this.#round % FULL_CHECK_EACH === 0;
    for (const watched of [...this.#watched]) this.#check(watched, full);
    this.#timer = this.#watched.size === 0 ? null : this.#world.after(POLL_MS, () => this.#poll());
  }

  #check(watched: Watched, full: boolean): void {
    if (!this.#watched.has(watched)) return;
    const answers = !full && exists(watched.pid);
    if (answers || isAlive(watched.pid, watched.born)) return;
    this.#watched.delete(watched);
    watched.gone();
  }
}

/** Only asks whether the number is taken; sends nothing. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
