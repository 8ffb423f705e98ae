// Drops what is old: log rows by age and by size, known exits, events, crashes, deploys and releases beyond what is shown.
//
// 1. The newest row stays, so that cursors and numbers stay valid; so does the last frame of each stream that may go on.
// 2. One turn drops a bounded number of rows; more follow in the next.
// 3. Nothing is due while nothing can have grown old.
import type { Handler } from "../agenda.ts";
import type { Sql } from "../sql.ts";
import type { WorkerParts } from "./parts.ts";

const TURN_ROWS = 2_000;
/** Between two turns while the store is too large. */
const HURRY_MS = 60_000;

/** Called for each stored frame and each system line: a look into memory, and once a row. */
export function planRetention({ agenda, rim, storage }: WorkerParts): void {
  const { history, logs } = rim.policy;
  const isFull = storage.sql.databaseSize > logs.hotBytes * 1.25;
  agenda.setBy("retention", "", rim.now() + (isFull ? HURRY_MS : history.trimMs));
}

export function retentionHandler(parts: WorkerParts): Handler {
  const { deploys, frames, releases, rim, sql, timeline } = parts;
  return (_key, now) => {
    const { history, logs } = rim.policy;
    const dropped = dropFrames(parts, now);
    timeline.trim({ ...history, exitsBefore: now - logs.hotMs });
    deploys.trim(history.deploys);
    releases.trim(new Set([...deploys.releases(), ...releasesInUse(parts)]));
    frames.forget();
    if (dropped >= TURN_ROWS) return now + 1;
    const oldest = oldestAt(sql);
    return oldest === null ? null : Math.max(oldest + logs.hotMs, now + history.trimMs);
  };
}

/** Those that run or are live, and those that a deploy under way brings. */
export function releasesInUse(parts: WorkerParts): Set<number | null> {
  const { deploys, instances, jobs, meta } = parts;
  const inUse = [...instances.all(), ...jobs.all(), ...deploys.active()].map((one) => one.release);
  return new Set([...inUse, meta.get()?.base?.release ?? null]);
}

/** Of what goes by its age. */
function oldestAt(sql: Sql): number | null {
  const frame = sql.first<{ at: number }>("SELECT at FROM frames ORDER BY seq LIMIT 1");
  const exit = sql.first<{ at: number | null }>("SELECT MIN(at) AS at FROM exits");
  const ages = [frame?.at, exit?.at].filter((at) => at != null);
  return ages.length === 0 ? null : Math.min(...ages);
}

/** How many rows went. */
function dropFrames({ instances, rim, sql }: WorkerParts, now: number): number {
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
  const below = firstKept(sql, rim.policy.logs, now);
  const old = sql.all<{ seq: number }>(
    "SELECT seq FROM frames WHERE seq < ? ORDER BY seq LIMIT ?",
    Math.min(below, newest),
    TURN_ROWS + kept.size,
  );
  const gone = old.filter((one) => !kept.has(one.seq)).slice(0, TURN_ROWS);
  for (const { seq } of gone) sql.run("DELETE FROM frames WHERE seq = ?", seq);
  if (gone.length > 0)
    sql.run("DELETE FROM streams WHERE stream NOT IN (SELECT DISTINCT stream FROM frames)");
  return gone.length;
}

/** Rows below this are too old, or too many, or too large together. */
function firstKept(
  sql: Sql,
  keep: { readonly hotMs: number; readonly hotBytes: number; readonly hotRows: number },
  now: number,
): number {
  const young = sql.first<{ seq: number }>(
    "SELECT seq FROM frames WHERE at >= ? ORDER BY seq LIMIT 1",
    now - keep.hotMs,
  );
  const sized = sql.first<{ seq: number | null }>(
    "SELECT MAX(seq) + 1 AS seq FROM (SELECT seq, SUM(bytes) OVER w AS total, ROW_NUMBER() OVER w AS n FROM frames WINDOW w AS (ORDER BY seq DESC)) WHERE total > ? OR n > ?",
    keep.hotBytes,
    keep.hotRows,
  );
  return Math.max(young?.seq ?? Number.MAX_SAFE_INTEGER, sized?.seq ?? 0);
}
