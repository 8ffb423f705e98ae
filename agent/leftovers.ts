// What is left here of workers that are gone: their HOME, their build cache, their releases.
//
// 1. Only what the control plane names as deleted is removed for that: no answer, an error or a 404 removes nothing.
// 2. A build cache that nothing was built in for long goes by its age; a HOME never does.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { GoneWorkers } from "../protocol/artifact.ts";
import type { Policy } from "../protocol/policy.ts";
import { removeTree } from "./artifacts/cache.ts";
import type { ReleaseStore } from "./artifacts/store.ts";
import { isSafeId } from "./shared.ts";
import { type Log, messageOf, type World } from "./world.ts";

const ROOMS = ["homes", "cache"] as const;
const ASKED_AT_MOST = 200;

export interface LeftoversOptions {
  readonly world: World;
  readonly log: Log;
  readonly state: string;
  readonly url: string;
  readonly headers: () => Readonly<Record<string, string>>;
  readonly store: ReleaseStore;
  readonly policy: () => Policy["artifacts"];
}

export class Leftovers {
  readonly #options: LeftoversOptions;
  #askedAt = Number.NEGATIVE_INFINITY;
  #busy = false;
  readonly #abort = new AbortController();

  constructor(options: LeftoversOptions) {
    this.#options = options;
  }

  /** `here` are workers that the host still has to do with; `soon` where one of them just left. */
  async collect(here: ReadonlySet<string>, soon: boolean): Promise<void> {
    const { world, log, policy } = this.#options;
    const isDue = soon || world.elapsed() - this.#askedAt >= policy().lookMs;
    if (!isDue || this.#busy) return;
    this.#busy = true;
    this.#askedAt = world.elapsed();
    try {
      await this.#collect(here);
    } catch (error) {
      log.warn("leftovers not collected", { message: messageOf(error) });
    } finally {
      this.#busy = false;
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  async #collect(here: ReadonlySet<string>): Promise<void> {
    const { state, store, log, world, policy } = this.#options;
    const left = new Set(
      [...ROOMS.flatMap((room) => namesIn(join(state, room))), ...store.workers()].filter(
        (id) => isSafeId(id) && !here.has(id),
      ),
    );
    if (left.size === 0) return;
    const gone = await this.#ask([...left].slice(0, ASKED_AT_MOST));
    for (const id of gone) {
      if (!left.has(id)) continue;
      for (const room of ROOMS) await removeTree(join(state, room, id));
      store.forgetWorker(id);
      log.info("leftovers of a deleted worker removed", { workerId: id });
    }
    for (const id of namesIn(join(state, "cache"))) {
      const dir = join(state, "cache", id);
      const usedAt = statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
      if (here.has(id) || !(world.now() - usedAt > policy().idleMs)) continue;
      await removeTree(dir);
      log.info("build cache removed, long unused", { workerId: id });
    }
  }

  /** Those of them that are deleted for certain. */
  async #ask(workers: string[]): Promise<string[]> {
    const { world, url, headers } = this.#options;
    const answer = await world.ask({
      method: "POST",
      url: `${url}/v1/agent/gone-workers`,
      headers: headers(),
      body: { kind: "json", text: JSON.stringify({ workers }) },
      signal: this.#abort.signal,
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    if (answer.status !== 200) throw new Error(`the control plane answered ${answer.status}`);
    return GoneWorkers.parse(JSON.parse(Buffer.concat(chunks).toString())).workers;
  }
}

function namesIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}
