// Notices that files grew: inotify says that something happened, a look at most every `readMs` says how much.
//
// 1. A quiet directory costs nothing but one slow sweep for all, in case the kernel could not tell us.
// 2. A flood is not watched but looked at: with many events in one look's time the watch rests until it is quiet.
import { type FSWatcher, watch } from "node:fs";
import { type Log, messageOf, type Timer, type World } from "../world.ts";

const SWEEP_MS = 60_000;
/** The sweep where some directory can't be watched. */
const BLIND_SWEEP_MS = 1_000;
const FLOOD_EVENTS = 20;
const QUIET_LOOKS = 3;
/** A look that comes so much later than planned reads what is no longer fresh. */
const LATE_MS = 2_000;

export interface Look {
  /** By the wall clock: what a reader of the log is shown. */
  readonly at: number;
  /** By the steady one: what is waited by. */
  readonly since: number;
  readonly late: boolean;
}

/** True where something grew. */
export type LookAt = (look: Look) => boolean;

interface Watched {
  readonly dir: string;
  readonly lookAt: LookAt;
  watcher: FSWatcher | null;
  /** Set while the watch rests: looks without growth so far. */
  resting: number | null;
  dirty: boolean;
  events: number;
}

export class Reader {
  readonly #world: World;
  readonly #log: Log;
  readonly #readMs: () => number;
  readonly #watched = new Map<string, Watched>();
  #looking: { readonly timer: Timer; readonly due: number } | null = null;
  #sweep: Timer | null = null;
  #blind = false;

  constructor(options: { world: World; log: Log; readMs: () => number }) {
    this.#world = options.world;
    this.#log = options.log;
    this.#readMs = options.readMs;
  }

  /** Watches a directory of spool files; again for the same one replaces what is looked at. */
  add(dir: string, lookAt: LookAt): void {
    const known = this.#watched.get(dir);
    if (known !== undefined) return;
    const watched: Watched = { dir, lookAt, watcher: null, resting: null, dirty: false, events: 0 };
    this.#watched.set(dir, watched);
    this.#arm(watched);
    this.#mark(watched);
    this.#sweep ??= this.#nextSweep();
  }

  remove(dir: string): void {
    const watched = this.#watched.get(dir);
    this.#watched.delete(dir);
    watched?.watcher?.close();
    if (this.#watched.size > 0) return;
    this.#sweep?.cancel();
    this.#sweep = null;
  }

  stop(): void {
    for (const dir of [...this.#watched.keys()]) this.remove(dir);
    this.#looking?.timer.cancel();
    this.#looking = null;
  }

  #arm(watched: Watched): void {
    watched.resting = null;
    try {
      const watcher = watch(watched.dir, { persistent: false }, () => {
        watched.events += 1;
        this.#mark(watched);
      });
      watcher.on("error", () => this.#blinded(watched, "the watch broke"));
      watched.watcher = watcher;
    } catch (error) {
      this.#blinded(watched, messageOf(error));
    }
  }

  #blinded(watched: Watched, message: string): void {
    watched.watcher?.close();
    watched.watcher = null;
    if (this.#blind) return;
    this.#blind = true;
    this.#log.warn("output can't be watched, looking each second instead", { message });
    this.#sweep?.cancel();
    this.#sweep = this.#nextSweep();
  }

  #mark(watched: Watched): void {
    watched.dirty = true;
    if (this.#looking !== null) return;
    const delayMs = this.#readMs();
    const timer = this.#world.after(delayMs, () => this.#look());
    this.#looking = { timer, due: this.#world.elapsed() + delayMs };
  }

  #look(): void {
    const at = this.#world.now();
    const since = this.#world.elapsed();
    const late = this.#looking !== null && since - this.#looking.due > LATE_MS;
    this.#looking = null;
    for (const watched of [...this.#watched.values()]) {
      if (!watched.dirty) continue;
      const { events } = watched;
      watched.dirty = false;
      watched.events = 0;
      const grew = watched.lookAt({ at, since, late });
      if (!this.#watched.has(watched.dir)) continue;
      if (watched.resting !== null) this.#rest(watched, grew);
      else if (events >= FLOOD_EVENTS) this.#restAtFirst(watched);
    }
  }

  #restAtFirst(watched: Watched): void {
    watched.watcher?.close();
    watched.watcher = null;
    watched.resting = 0;
    this.#mark(watched);
  }

  #rest(watched: Watched, grew: boolean): void {
    watched.resting = grew ? 0 : (watched.resting ?? 0) + 1;
    // What was written between the last look and the watch is found by one more look.
    if (watched.resting >= QUIET_LOOKS) this.#arm(watched);
    this.#mark(watched);
  }

  #nextSweep(): Timer {
    return this.#world.after(this.#blind ? BLIND_SWEEP_MS : SWEEP_MS, () => {
      const at = this.#world.now();
      const since = this.#world.elapsed();
      for (const watched of [...this.#watched.values()]) {
        if (!watched.dirty) watched.lookAt({ at, since, late: false });
      }
      this.#sweep = this.#nextSweep();
    });
  }
}
