// SQLite databases in memory, used again for each seed: making the tables is far dearer than emptying them.
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { sim } from "../kernel/sim.ts";

export type Row = Record<string, unknown>;

export interface Result {
  readonly columns: boolean;
  readonly rows: Row[];
  readonly changes: number;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly gives: boolean;
  readonly writes: boolean;
}

export class Database {
  readonly #db = new DatabaseSync(":memory:");
  readonly #prepared = new Map<string, Prepared>();
  readonly #arrays = new Map<string, StatementSync>();
  #tables: string[] | null = null;
  #depth = 0;

  constructor() {
    this.#db.exec(
      "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;",
    );
    this.#db.function("random", { deterministic: false }, () => sim().random.int(0, 2 ** 31));
  }

  writes(query: string): boolean {
    return this.#prepare(query).writes;
  }

  run(query: string, bindings: readonly unknown[]): Result {
    const { gives, statement } = this.#prepare(query);
    const values = bindings.map(bindable);
    if (gives) {
      const rows = statement.all(...values) as Row[];
      return { columns: true, rows, changes: rows.length };
    }
    const { changes } = statement.run(...values);
    return { columns: false, rows: [], changes: Number(changes) };
  }

  arrays(query: string, bindings: readonly unknown[]): unknown[][] {
    let statement = this.#arrays.get(query);
    if (statement === undefined) {
      statement = this.#db.prepare(query);
      statement.setReturnArrays(true);
      this.#arrays.set(query, statement);
    }
    return statement.all(...bindings.map(bindable)) as unknown as unknown[][];
  }

  first<T extends object>(query: string, ...bindings: unknown[]): T | null {
    return (this.run(query, bindings).rows[0] as T | undefined) ?? null;
  }

  all<T extends object>(query: string, ...bindings: unknown[]): T[] {
    return this.run(query, bindings).rows as T[];
  }

  exec(text: string): void {
    this.#db.exec(text);
  }

  /** All or nothing, inside of whatever is open. */
  nested<T>(change: () => T): T {
    const name = `s${this.#depth++}`;
    this.#db.exec(`SAVEPOINT ${name}`);
    try {
      const result = change();
      this.#db.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      this.#db.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  /** As it was when its tables were new. */
  empty(): void {
    this.#depth = 0;
    if (this.#tables === null)
      this.#tables = this.all<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '__drizzle_migrations'",
      ).map(({ name }) => name);
    for (const table of this.#tables) this.run(`DELETE FROM "${table}"`, []);
  }

  #prepare(query: string): Prepared {
    let prepared = this.#prepared.get(query);
    if (prepared === undefined) {
      const statement = this.#db.prepare(query);
      const gives = statement.columns().length > 0;
      prepared = { statement, gives, writes: !/^\s*(SELECT|PRAGMA)/i.test(query) };
      this.#prepared.set(query, prepared);
    }
    return prepared;
  }
}

function bindable(value: unknown): SQLInputValue {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  return value as SQLInputValue;
}

/** One drawer of databases for each kind. */
export class DatabasePool {
  readonly #free: Database[] = [];
  readonly #used: Database[] = [];

  take(): Database {
    const db = this.#free.pop() ?? new Database();
    this.#used.push(db);
    return db;
  }

  /** What was open when the world ended is not wanted. */
  rollBack(): void {
    for (const db of this.#used) db.rollBack();
  }

  /** The world is over. */
  giveBack(): void {
    for (const db of this.#used.splice(0)) {
      db.empty();
      this.#free.push(db);
    }
  }
}
