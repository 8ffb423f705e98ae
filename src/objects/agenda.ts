// Many due times, one alarm: a table (kind, key) → due, and the only place that sets the object's alarm.
//
// 1. `setAlarm` is called in `arm` and nowhere else, with max(due, now + 1); an earlier alarm that is set stays.
// 2. `fire` never throws: an entry whose handler fails is due again after `retryMs`. It arms last.
//    Nor does it wait longer than that for one that hangs: what else falls due meanwhile would be late.
// 3. Entries are at least once: a late, doubled or lost alarm changes nothing but the time.
// 4. A standing entry has no row: its due time is derived from what the object knows anyway. It comes first.
import type { Rim } from "./rim.ts";
import type { Sql } from "./sql.ts";

/** Does what fell due; answers when it is due again, or null when it is done. */
export type Handler = (key: string, now: number) => number | null | Promise<number | null>;

export interface Standing {
  due(): number | null;
  run(now: number): void;
}

export interface Entry {
  readonly kind: string;
  readonly key: string;
  readonly due: number;
}

const BATCH = 200;

export class Agenda<Kind extends string> {
  readonly #storage: DurableObjectStorage;
  readonly #sql: Sql;
  readonly #rim: Rim;
  readonly #standing: Standing[] = [];
  #armedFor: number | null = null;

  constructor(storage: DurableObjectStorage, sql: Sql, rim: Rim) {
    this.#storage = storage;
    this.#sql = sql;
    this.#rim = rim;
  }

  /** Once per wake, before any event: the alarm outlives the memory. */
  async load(): Promise<void> {
    this.#armedFor = await this.#storage.getAlarm();
  }

  addStanding(standing: Standing): void {
    this.#standing.push(standing);
  }

  set(kind: Kind, key: string, due: number): void {
    if (this.dueOf(kind, key) === due) return;
    this.#sql.run(
      "INSERT INTO agenda (kind, key, due) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET due = excluded.due",
      kind,
      key,
      due,
    );
    this.arm();
  }

  /** Sets it unless it is due sooner already. */
  setBy(kind: Kind, key: string, due: number): void {
    const set = this.dueOf(kind, key);
    if (set === null || set > due) this.set(kind, key, due);
  }

  clear(kind: Kind, key: string): void {
    if (this.dueOf(kind, key) === null) return;
    this.#sql.run("DELETE FROM agenda WHERE kind = ? AND key = ?", kind, key);
  }

  dueOf(kind: Kind, key: string): number | null {
    const query = "SELECT due FROM agenda WHERE kind = ? AND key = ?";
    return this.#sql.first<{ due: number }>(query, kind, key)?.due ?? null;
  }

  keys(kind: Kind): string[] {
    const query = "SELECT key FROM agenda WHERE kind = ? ORDER BY key";
    return this.#sql.all<{ key: string }>(query, kind).map((row) => row.key);
  }

  /** Forgets what it believes to be armed: after a transaction that was rolled back, alarm included. */
  forget(): void {
    this.#armedFor = null;
  }

  arm(): void {
    const due = this.nextDue();
    if (due === null) return;
    const now = this.#rim.now();
    const at = Math.max(due, now + 1);
    if (this.#armedFor !== null && this.#armedFor <= at) return;
    this.#armedFor = at;
    void this.#storage.setAlarm(at);
  }

  async fire(handlers: Readonly<Record<Kind, Handler>>): Promise<void> {
    this.#armedFor = null;
    try {
      for (const standing of this.#standing) {
        const due = standing.due();
        if (due !== null && due <= this.#rim.now()) standing.run(this.#rim.now());
      }
      await this.#handleAll(this.#dueNow(), handlers);
    } catch (error) {
      console.error("agenda", error);
    } finally {
      this.arm();
    }
  }

  async #handleAll(
    entries: readonly Entry[],
    handlers: Readonly<Record<string, Handler>>,
  ): Promise<void> {
    const { retryMs } = this.#rim.policy.objects;
    const open = new Set(entries);
    const handled = entries.map((entry) =>
      this.#handle(entry, handlers).finally(() => open.delete(entry)),
    );
    const patience = new AbortController();
    const tooLong = scheduler.wait(retryMs, { signal: patience.signal }).catch(() => {});
    await Promise.race([Promise.all(handled), tooLong]);
    patience.abort();
    for (const { due, key, kind } of open) {
      if (this.dueOf(kind as Kind, key) !== due) continue;
      console.error(`agenda ${kind} ${key} takes long; it is tried again`);
      this.set(kind as Kind, key, this.#rim.now() + retryMs);
    }
  }

  async #handle(entry: Entry, handlers: Readonly<Record<string, Handler>>): Promise<void> {
    const { kind, key, due } = entry;
    // An earlier one of this turn may have done it.
    if (this.dueOf(kind as Kind, key) !== due) return;
    let next: number | null;
    try {
      const now = this.#rim.now();
      next = (await handlers[kind]?.(key, now)) ?? null;
    } catch (error) {
      console.error(`agenda ${kind} ${key}`, error);
      next = this.#rim.now() + this.#rim.policy.objects.retryMs;
    }
    // Whoever set it anew meanwhile knows better.
    if (this.dueOf(kind as Kind, key) !== due) return;
    if (next === null) this.clear(kind as Kind, key);
    else this.set(kind as Kind, key, next === due ? due + 1 : next);
  }

  #dueNow(): Entry[] {
    const query = "SELECT kind, key, due FROM agenda WHERE due <= ? ORDER BY due LIMIT ?";
    return this.#sql.all<{ kind: string; key: string; due: number }>(query, this.#rim.now(), BATCH);
  }

  /** When something falls due next; null where only an event can be next. */
  nextDue(): number | null {
    const row = this.#sql.first<{ due: number | null }>("SELECT MIN(due) AS due FROM agenda");
    const dues = [row?.due ?? null, ...this.#standing.map((one) => one.due())];
    const set = dues.filter((due) => due !== null);
    return set.length === 0 ? null : Math.min(...set);
  }
}
