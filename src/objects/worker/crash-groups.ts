// Kinds of crash: one row for each, kept up with every crash, and kept longer than the crashes themselves.
import type { ExitReport } from "../../../protocol/channel.ts";
import type { CrashGroupView } from "../../../protocol/rest.ts";
import { countDay, type DayCounts, fingerprintOf } from "../../domain/fingerprint.ts";
import { DAY_MS, dayOf } from "../../domain/uptime.ts";
import { newId } from "../rim.ts";
import type { Row, Sql } from "../sql.ts";
import type { WorkerParts } from "./parts.ts";
import { iso } from "./timeline.ts";

/** Of each kind so many days are counted. */
const DAYS = 30;
const KEPT = 200;
const TRIM_EACH = 50;

interface GroupRow extends Row {
  seq: number;
  key: string;
  cause: string;
  title: string;
  first_at: number;
  first_release: number;
  last_at: number;
  last_release: number;
  last_crash: string;
  count: number;
  days: string;
}

interface Grouped {
  readonly group: number;
  /** Nothing like it was seen before. */
  readonly isNew: boolean;
}

export class CrashGroups {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Counts a crash; one row written. */
  count(exit: ExitReport, crash: string): Grouped {
    const { cause, key, title } = fingerprintOf(exit);
    const { exitedAt: at, release } = exit;
    const known = this.#sql.first<GroupRow>("SELECT * FROM crash_groups WHERE key = ?", key);
    if (!known) {
      const days = JSON.stringify(countDay({}, dayOf(at), DAYS));
      this.#sql.run(
        "INSERT INTO crash_groups (key, cause, title, first_at, first_release, last_at, last_release, last_crash, count, days) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
        ...[key, cause, title, at, release, at, release, crash, days],
      );
      const group = this.#newest();
      this.#trim(group);
      return { group, isNew: true };
    }
    const days = JSON.stringify(countDay(JSON.parse(known.days) as DayCounts, dayOf(at), DAYS));
    const isNewest = at >= known.last_at;
    this.#sql.run(
      "UPDATE crash_groups SET first_release = CASE WHEN ? < first_at THEN ? ELSE first_release END, first_at = MIN(first_at, ?), last_at = MAX(last_at, ?), last_release = ?, last_crash = ?, count = count + 1, days = ? WHERE seq = ?",
      ...[at, release, at, at, isNewest ? release : known.last_release],
      ...[isNewest ? crash : known.last_crash, days, known.seq],
    );
    return { group: known.seq, isNew: false };
  }

  /** What was seen last comes first. */
  list(live: number | null, now: number, limit: number): CrashGroupView[] {
    const query = "SELECT * FROM crash_groups ORDER BY last_at DESC, seq DESC LIMIT ?";
    return this.#sql.all<GroupRow>(query, limit).map((row) => groupView(row, live, now));
  }

  #newest(): number {
    return this.#sql.first<{ n: number | null }>("SELECT MAX(seq) AS n FROM crash_groups")?.n ?? 0;
  }

  /** Whoever never says the same twice makes a kind of each crash: those that were seen last stay, and the newest row. */
  #trim(newest: number): void {
    const count = this.#sql.first<{ n: number }>("SELECT COUNT(*) AS n FROM crash_groups")?.n ?? 0;
    if (count <= KEPT + TRIM_EACH) return;
    this.#sql.run(
      "DELETE FROM crash_groups WHERE seq <> ? AND seq NOT IN (SELECT seq FROM crash_groups ORDER BY last_at DESC, seq DESC LIMIT ?)",
      newest,
      KEPT,
    );
  }
}

function groupView(row: GroupRow, live: number | null, now: number): CrashGroupView {
  const days = JSON.parse(row.days) as DayCounts;
  const today = dayOf(now);
  return {
    id: row.seq,
    cause: row.cause,
    title: row.title,
    count: row.count,
    firstAt: iso(row.first_at),
    firstRelease: row.first_release,
    lastAt: iso(row.last_at),
    lastRelease: row.last_release,
    lastCrash: row.last_crash,
    isNew: live !== null && row.first_release === live,
    days: Array.from({ length: DAYS }, (_, back) => {
      const day = today - (DAYS - 1 - back);
      return { date: new Date(day * DAY_MS).toISOString().slice(0, 10), count: days[day] ?? 0 };
    }),
  };
}

/** A crash as it is kept, and what the timeline says of it beyond how it ended. */
export function recordCrash(
  { crashGroups, rim, timeline }: WorkerParts,
  exit: ExitReport,
): { readonly crash: string; readonly note: string } {
  const crash = newId(rim, "crash");
  const { group, isNew } = crashGroups.count(exit, crash);
  timeline.addCrash(exit, { id: crash, group });
  return { crash, note: isNew && exit.release > 1 ? ` · new in v${exit.release}` : "" };
}
