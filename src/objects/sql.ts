// A thin, typed hand on an object's SQLite: raw statements, because these paths are hot.

export type Value = ArrayBuffer | string | number | null;
export type Row = Record<string, Value>;

export class Sql {
  readonly #storage: DurableObjectStorage;
  /** Rows written since the object woke; what the bill counts. */
  rowsWritten = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  all<T extends Row>(query: string, ...bindings: Value[]): T[] {
    return this.#storage.sql.exec<T>(query, ...bindings).toArray();
  }

  first<T extends Row>(query: string, ...bindings: Value[]): T | null {
    const next = this.#storage.sql.exec<T>(query, ...bindings).next();
    return next.done ? null : next.value;
  }

  run(query: string, ...bindings: Value[]): void {
    this.rowsWritten += this.#storage.sql.exec(query, ...bindings).rowsWritten;
  }
}
