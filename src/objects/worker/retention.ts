// Drops what is old: log rows by age and by size, events, crashes and known exits beyond what is shown.
//
// 1. The newest row stays, so that cursors stay valid; so does the last frame of each stream that may go on.
// 2. One turn drops a bounded number of rows; more follow in the next.
import type { Handler } from "../agenda.ts";
import type { Sql } from "../sql.ts";
import type { WorkerParts } from "./parts.ts";

const LOG_AGE_MS = 7 * 86_400_000;
const LOG_BYTES = 536_870_912;
const LOG_ROWS = 100_000;
const EVENTS = 5_000;
const CRASHES = 2_000;
const EVERY_MS = 21_600_000;
const TURN_ROWS = 2_000;

/** Called for each stored frame: a look into memory, and once a row. */
export function planRetention({ agenda, rim, storage }: WorkerParts): void {
  const isFull = storage.sql.databaseSize > LOG_BYTES * 1.25;
  agenda.setBy("retention", "", rim.now() + (isFull ? 0 : EVERY_MS));
}

export function retentionHandler(parts: WorkerParts): Handler {
  return (_key, now) => {
    const { frames, sql, timeline } = parts;
    const dropped = dropFrames(parts, now);
    timeline.trim({ crashes: CRASHES, events: EVENTS, exitsBefore: now - LOG_AGE_MS });
    frames.forget();
    if (dropped >= TURN_ROWS) return now + 1;
    return hasFrames(sql) ? now + EVERY_MS : null;
  };
}

function hasFrames(sql: Sql): boolean {
  return sql.first("SELECT 1 AS one FROM frames LIMIT 1") !== null;
}

/** How many rows went. */
function dropFrames({ instances, sql }: WorkerParts, now: number): number {
  const live = new Set<string>(instances.all().map((one) => one.id));
  const lasts = sql.all<{ stream: string; seq: number; last: number }>(
    "SELECT stream, MAX(seq) AS seq, last FROM frames GROUP BY stream",
  );
  const newest = Math.max(0, ...lasts.map((one) => one.seq));
  const kept = new Set(
    lasts
      .filter((one) => one.last === 0 && live.has(one.stream.split("/")[0] ?? ""))
      .map((one) => one.seq),
  );
  const below = firstKept(sql, now);
  const old = sql.all<{ seq: number }>(
    "SELECT seq FROM frames WHERE seq < ? ORDER BY seq LIMIT ?",
    Math.min(below, newest),
    TURN_ROWS + kept.size,
  );
  const gone = old.filter((one) => !kept.has(one.seq)).slice(0, TURN_ROWS);
  for (const { seq } of gone) sql.run("DELETE FROM frames WHERE seq = ?", seq);
  return gone.length;
}

/** Rows below this are too old, or too many, or too large together. */
function firstKept(sql: Sql, now: number): number {
  const young = sql.first<{ seq: number }>(
    "SELECT seq FROM frames WHERE at >= ? ORDER BY seq LIMIT 1",
    now - LOG_AGE_MS,
  );
  const sized = sql.first<{ seq: number | null }>(
    "SELECT MAX(seq) + 1 AS seq FROM (SELECT seq, SUM(bytes) OVER w AS total, ROW_NUMBER() OVER w AS n FROM frames WINDOW w AS (ORDER BY seq DESC)) WHERE total > ? OR n > ?",
    LOG_BYTES,
    LOG_ROWS,
  );
  return Math.max(young?.seq ?? Number.MAX_SAFE_INTEGER, sized?.seq ?? 0);
}
