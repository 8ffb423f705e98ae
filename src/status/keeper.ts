// Who has the newest model: this isolate, the edge's cache, D1, and where D1 does not answer, the last snapshot.
//
// 1. What is young is given at once; what is a little older is given at once too, and made anew behind the answer.
// 2. A failing D1 is asked again only after a pause, so that its failure costs nobody a wait.
// 3. No object is woken while D1 answers; the shelf (an object's copy) is looked at last, and only then.
import type { Db } from "../db/client.ts";
import { readBoard } from "../db/status-board.ts";
import { type Model, makeModel } from "./model.ts";

export const FRESH_MS = 15_000;
const USABLE_MS = 120_000;
const PAUSE_MS = 10_000;
const READ_WAIT_MS = 2_500;
const CACHE_SECONDS = 604_800;
/** Changes with the shape of the model: another shape is not read. */
const SHAPE = 1;

/** A copy that outlives everything else here. */
export interface Shelf {
  readonly read: () => Promise<string | null>;
}

export interface Asking {
  readonly db: Db;
  readonly origin: string;
  readonly now: number;
  readonly later: (work: Promise<unknown>) => void;
  readonly shelf: Shelf;
}

export function packModel(model: Model): string {
  return JSON.stringify({ shape: SHAPE, model });
}

/** Null for anything that is not a model of this shape. */
export function unpackModel(text: string | null): Model | null {
  if (text === null) return null;
  try {
    const { shape, model } = JSON.parse(text) as { shape?: unknown; model?: Model };
    return shape === SHAPE && model && Array.isArray(model.components) ? model : null;
  } catch {
    return null;
  }
}

const cacheKey = (origin: string) => new Request(`${origin}/.status-model`);

async function fromCache(origin: string): Promise<Model | null> {
  try {
    const hit = await caches.default.match(cacheKey(origin));
    return unpackModel(hit ? await hit.text() : null);
  } catch {
    return null;
  }
}

async function intoCache(origin: string, model: Model): Promise<void> {
  const headers = { "Cache-Control": `public, max-age=${CACHE_SECONDS}` };
  await caches.default.put(cacheKey(origin), new Response(packModel(model), { headers }));
}

function withinWait<T>(work: Promise<T>): Promise<T> {
  const late = scheduler.wait(READ_WAIT_MS).then(() => {
    throw new Error("D1 did not answer in time");
  });
  return Promise.race([work, late]);
}

export class ModelKeeper {
  #held: Model | null = null;
  /** D1 failed just now: nobody asks it before that time. */
  #retryAt = 0;
  /** Since when somebody makes the model anew behind an answer; 0 where nobody does. */
  #renewing = 0;

  forget(): void {
    this.#held = null;
    this.#retryAt = 0;
    this.#renewing = 0;
  }

  #hold(model: Model | null): void {
    if (model && (!this.#held || model.asOf > this.#held.asOf)) this.#held = model;
  }

  async #load({ db, now, origin, later }: Asking): Promise<void> {
    try {
      const model = makeModel(await withinWait(readBoard(db, now)), now);
      this.#hold(model);
      later(intoCache(origin, model));
    } catch (error) {
      this.#retryAt = now + PAUSE_MS;
      console.warn(JSON.stringify({ level: "warn", event: "status_d1", error: String(error) }));
    }
  }

  #renew(asking: Asking): void {
    const { now, later } = asking;
    // One that never ended, because its request was cut off, holds nobody up.
    if (this.#renewing > now - PAUSE_MS) return;
    this.#renewing = now;
    later(
      this.#load(asking).finally(() => {
        this.#renewing = 0;
      }),
    );
  }

  /** The newest that can be had; null where nothing is known at all. */
  async newest(asking: Asking): Promise<Model | null> {
    const { now, origin, shelf } = asking;
    const age = () => (this.#held ? now - this.#held.asOf : Number.POSITIVE_INFINITY);
    if (age() <= FRESH_MS) return this.#held;
    const mayAsk = now >= this.#retryAt;
    if (age() <= USABLE_MS) {
      if (mayAsk) this.#renew(asking);
      return this.#held;
    }
    this.#hold(await fromCache(origin));
    if (age() <= FRESH_MS) return this.#held;
    if (mayAsk) await this.#load(asking);
    if (this.#held === null) this.#hold(unpackModel(await shelf.read().catch(() => null)));
    return this.#held;
  }
}
