// Calls to objects and to D1 over the platform's own network: slow, failing before or after they were carried out.

import type { Random } from "../kernel/random.ts";
import { type Actor, sim } from "../kernel/sim.ts";
import type { Database } from "./database.ts";
import type { SimObject } from "./object.ts";

export interface NetworkMood {
  delayMs: [number, number];
  /** Shares of calls that … were never carried out, … were, but nobody hears of it, … were carried out twice. */
  failBefore: number;
  failAfter: number;
  twice: number;
  /** Of them so many take long. */
  slow: number;
  slowMs: [number, number];
}

export interface D1Mood extends NetworkMood {
  down: boolean;
}

type Counts = (what: string) => void;

/** Who asks: an object sends nothing before its own writes are durable. */
function leave(caller: Actor, go: () => void): void {
  const object = (caller as { object?: SimObject }).object;
  if (object !== undefined) object.output(go);
  else go();
}

class LostConnection extends Error {
  readonly retryable = true;
}

function delay(random: Random, mood: NetworkMood): number {
  const range = random.chance(mood.slow) ? mood.slowMs : mood.delayMs;
  return random.int(range[0], range[1]);
}

export class Calls {
  readonly #find: (kind: "worker" | "host", id: string) => SimObject;
  readonly mood: NetworkMood;
  readonly #random: Random;
  readonly #counts: Counts;

  constructor(options: {
    find: (kind: "worker" | "host", id: string) => SimObject;
    mood: NetworkMood;
    random: Random;
    counts: Counts;
  }) {
    this.#find = options.find;
    this.mood = options.mood;
    this.#random = options.random;
    this.#counts = options.counts;
  }

  namespace(kind: "worker" | "host") {
    return {
      idFromName: (name: string) => name,
      get: (id: string) => this.#stub(kind, id),
    };
  }

  #stub(kind: "worker" | "host", id: string): unknown {
    return new Proxy(
      {},
      {
        get: (_, method: string) => {
          if (method === "then") return undefined;
          return (...args: unknown[]) => this.#call(this.#find(kind, id), method, args);
        },
      },
    );
  }

  #call(target: SimObject, method: string, args: readonly unknown[]): Promise<unknown> {
    const caller = sim().current;
    const sent = structuredClone(args);
    return new Promise((resolve, reject) => {
      const answer = (give: () => void) =>
        sim().after(delay(this.#random, this.mood), caller, give);
      const lost = (why: string) => answer(() => reject(new LostConnection(why)));
      leave(caller, () => {
        if (this.#random.chance(this.mood.failBefore)) {
          this.#counts("call failed before it was carried out");
          lost("Network connection lost.");
          return;
        }
        const once = (isAnswered: boolean) =>
          sim().after(delay(this.#random, this.mood), sim().nature, () =>
            this.#carryOut(target, {
              method,
              args: sent,
              isAnswered,
              answer,
              lost,
              resolve,
              reject,
            }),
          );
        once(true);
        if (this.#random.chance(this.mood.twice)) {
          this.#counts("call carried out twice");
          once(false);
        }
      });
    });
  }

  #carryOut(
    target: SimObject,
    call: {
      method: string;
      args: readonly unknown[];
      isAnswered: boolean;
      answer: (give: () => void) => void;
      lost: (why: string) => void;
      resolve: (value: unknown) => void;
      reject: (error: unknown) => void;
    },
  ): void {
    const { answer, args, isAnswered, lost, method, reject, resolve } = call;
    let open = isAnswered;
    const onLost = () => {
      if (open) lost("The object was reset.");
      open = false;
    };
    target.deliver(async (instance) => {
      const run = (instance as unknown as Record<string, (...args: unknown[]) => unknown>)[method]!;
      let give: () => void;
      try {
        const value = structuredClone(await run.apply(instance, [...args]));
        give = () => resolve(value);
      } catch (error) {
        give = () => reject(error);
      }
      if (!open) return;
      target.output(() => {
        if (!open) return;
        open = false;
        if (this.#random.chance(this.mood.failAfter)) {
          this.#counts("call carried out, its answer lost");
          lost("Network connection lost.");
        } else answer(give);
      }, onLost);
    }, onLost);
  }
}

interface Bound {
  readonly query: string;
  readonly values: readonly unknown[];
}

/** A D1Database on SQLite. */
export class SimD1 {
  readonly db: Database;
  readonly mood: D1Mood;
  /** Something was carried out. */
  onWork: () => void = () => {};
  readonly #random: Random;
  readonly #counts: Counts;

  constructor(options: { db: Database; mood: D1Mood; random: Random; counts: Counts }) {
    this.db = options.db;
    this.mood = options.mood;
    this.#random = options.random;
    this.#counts = options.counts;
  }

  prepare(query: string) {
    return this.#statement({ query, values: [] });
  }

  batch(statements: readonly (Bound & object)[]): Promise<unknown[]> {
    return this.#ask(() =>
      this.db.nested(() => statements.map((one) => this.#run(one))),
    ) as Promise<unknown[]>;
  }

  #statement(bound: Bound): Bound & Record<string, unknown> {
    return {
      ...bound,
      bind: (...values: unknown[]) => this.#statement({ query: bound.query, values }),
      all: () => this.#ask(() => this.#run(bound)),
      run: () => this.#ask(() => this.#run(bound)),
      raw: () => this.#ask(() => this.db.arrays(bound.query, bound.values)),
      first: () => this.#ask(() => this.#run(bound).results[0] ?? null),
    };
  }

  #run({ query, values }: Bound) {
    const { changes, rows } = this.db.run(query, values);
    return { success: true, results: rows, meta: { changes } };
  }

  #ask<T>(work: () => T): Promise<T> {
    const caller = sim().current;
    return new Promise((resolve, reject) => {
      const answer = (give: () => void) =>
        sim().after(delay(this.#random, this.mood), caller, give);
      const fail = (why: string) => answer(() => reject(new Error(`D1_ERROR: ${why}`)));
      leave(caller, () => {
        if (this.mood.down || this.#random.chance(this.mood.failBefore)) {
          this.#counts(this.mood.down ? "D1 is down" : "D1 refused");
          fail("Network connection lost.");
          return;
        }
        sim().after(delay(this.#random, this.mood), sim().nature, () => {
          let value: T;
          try {
            value = work();
            this.onWork();
          } catch (error) {
            answer(() => reject(new Error(`D1_ERROR: ${(error as Error).message}`)));
            return;
          }
          if (this.#random.chance(this.mood.failAfter)) {
            this.#counts("D1 committed, then said it failed");
            fail("internal error");
          } else answer(() => resolve(value));
        });
      });
    });
  }
}
