// Applies drizzle/d1/*.sql to a local D1 with the same bookkeeping as `wrangler d1 migrations apply`,
// so that either tool can go on where the other one stopped.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of a D1 binding that migrations need. */
export interface MigrationDatabase {
  prepare(sql: string): {
    bind(...values: unknown[]): ReturnType<MigrationDatabase["prepare"]>;
    all<T>(): Promise<{ results: T[] }>;
  };
  batch(statements: ReturnType<MigrationDatabase["prepare"]>[]): Promise<unknown>;
}

const TABLE = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`;

/** Migration files in order: by leading number, then by name. */
export function migrationFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || a.localeCompare(b));
}

/** Statements of one migration file. Drizzle marks their borders; without marks the splitter does the work. */
function statementsOf(sql: string, split: (sql: string) => string[]): string[] {
  return sql
    .split("--> statement-breakpoint")
    .flatMap((part) => split(part))
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Names of the migrations that were applied just now. Each lands whole with its row of bookkeeping, or not at all. */
export async function applyMigrations(
  database: MigrationDatabase,
  directory: string,
  split: (sql: string) => string[],
): Promise<string[]> {
  await database.prepare(TABLE).all();
  const { results } = await database
    .prepare(`SELECT name FROM "d1_migrations" ORDER BY id`)
    .all<{ name: string }>();
  const known = new Set(results.map((row) => row.name));
  const applied: string[] = [];
  for (const name of migrationFiles(directory)) {
    if (known.has(name)) continue;
    const sql = readFileSync(join(directory, name), "utf8");
    const mark = database.prepare(`INSERT INTO "d1_migrations" (name) VALUES (?)`).bind(name);
    const body = statementsOf(sql, split).map((statement) => database.prepare(statement));
    await database.batch([...body, mark]);
    applied.push(name);
  }
  return applied;
}
