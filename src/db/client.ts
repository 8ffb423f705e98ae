// Opens D1 through drizzle. Every query module takes this handle and nothing else.
import type { D1Database } from "@cloudflare/workers-types";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";

export type Db = DrizzleD1Database<Record<string, never>> & { readonly $client: D1Database };

export function openDb(d1: D1Database): Db {
  return drizzle(d1);
}

/** True where a unique index refused a row; D1 and drizzle both wrap the sentence. */
export function isUniqueViolation(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (/UNIQUE constraint failed/i.test(at.message)) return true;
  }
  return false;
}
