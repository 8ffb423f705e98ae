// The worker's ledger of time: one row for each change of kind, folded into the sums of days, projected to D1.
//
// 1. A change is written in the transaction of what caused it; nothing is written while nothing changes.
// 2. D1 gets the sums up to the last change, and since when it is as it is: who reads adds the time since then.
//    So a steady worker needs no wake-up, at the end of a day neither.
// 3. Worse news wait a moment and come at most once a minute, so that a restart in place is no outage; better news come soon.

import type { DayTable, LedgerKind } from "../../../protocol/status-page.ts";
import { openDb } from "../../db/client.ts";
import { writeLedger } from "../../db/ledgers.ts";
import { addChanges, type Change, dayOf, keepDays, ledgerKind } from "../../domain/uptime.ts";
import type { Handler } from "../agenda.ts";
import type { Row, Sql } from "../sql.ts";
import type { WorkerParts } from "./parts.ts";
import { loadState } from "./state.ts";

const DAYS_KEPT = 92;
/** Of the pace of projections: a minute where they come each 5 s. */
const PACE = 12;

interface ChangeRow extends Row {
  seq: number;
  at: number;
  kind: string;
}

export interface LedgerMark {
  readonly version: number;
  readonly projectedAt: number;
  /** What D1 has; null before the first time. */
  readonly projected: LedgerKind | null;
  readonly since: number;
  readonly days: DayTable;
}

const NO_MARK: LedgerMark = { version: 0, projectedAt: 0, projected: null, since: 0, days: {} };

export class LedgerTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  changes(): (Change & { readonly seq: number })[] {
    const rows = this.#sql.all<ChangeRow>("SELECT seq, at, kind FROM ledger ORDER BY seq");
    return rows.map((row) => ({ ...row, kind: row.kind as LedgerKind }));
  }

  last(): Change | null {
    const query = "SELECT seq, at, kind FROM ledger ORDER BY seq DESC LIMIT 1";
    const row = this.#sql.first<ChangeRow>(query);
    return row ? { at: row.at, kind: row.kind as LedgerKind } : null;
  }

  add({ at, kind }: Change): void {
    this.#sql.run("INSERT INTO ledger (at, kind) VALUES (?, ?)", at, kind);
  }

  mark(): LedgerMark {
    const row = this.#sql.first<{
      version: number;
      projected_at: number;
      projected: string | null;
      since: number;
      days: string;
    }>("SELECT * FROM ledger_mark WHERE id = 1");
    if (!row) return NO_MARK;
    return {
      version: row.version,
      projectedAt: row.projected_at,
      projected: row.projected as LedgerKind | null,
      since: row.since,
      days: JSON.parse(row.days) as DayTable,
    };
  }

  setMark(mark: LedgerMark): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO ledger_mark (id, version, projected_at, projected, since, days) VALUES (1, ?, ?, ?, ?, ?)",
      mark.version,
      mark.projectedAt,
      mark.projected,
      mark.since,
      JSON.stringify(mark.days),
    );
  }

  /** All changes but the last go into the sums. */
  fold(): DayTable {
    const changes = this.changes();
    const last = changes.at(-1);
    const { days } = this.mark();
    if (!last) return days;
    const summed = keepDays(addChanges(days, changes, last.at), dayOf(last.at) - DAYS_KEPT);
    if (changes.length > 1) this.#sql.run("DELETE FROM ledger WHERE seq < ?", last.seq);
    return summed;
  }
}

const BADNESS = { up: 0, stopped: 0, pending: 0, degraded: 1, unknown: 1, down: 2 } as const;

/** Part of every settling: a change of kind is one row, and the wish to tell it. */
export function noteLedger(parts: WorkerParts): void {
  const { ledger, rim } = parts;
  const state = loadState(parts);
  const kind: LedgerKind | null = state ? ledgerKind(state) : parts.meta.get() ? "stopped" : null;
  if (kind === null) return;
  const last = ledger.last();
  if (last?.kind === kind) return;
  ledger.add({ at: Math.max(rim.now(), last?.at ?? 0), kind });
  queueLedger(parts, kind);
}

function queueLedger({ agenda, ledger, rim }: WorkerParts, kind: LedgerKind): void {
  const { projected, projectedAt } = ledger.mark();
  const { projectionMs } = rim.policy.objects;
  const worse = projected !== null && BADNESS[kind] > BADNESS[projected];
  const due = worse
    ? Math.max(rim.now() + projectionMs, projectedAt + projectionMs * PACE)
    : Math.max(rim.now(), projectedAt + projectionMs);
  agenda.setBy("ledger", "", due);
}

export function ledgerHandler(parts: WorkerParts): Handler {
  const { env, ledger, rim, storage } = parts;
  return async () => {
    const meta = parts.meta.get();
    const last = ledger.last();
    if (!meta || !last) return null;
    const at = rim.now();
    // The version is taken before the write: a second writer never has the same one.
    const mark = storage.transactionSync(() => {
      const before = ledger.mark();
      const next: LedgerMark = {
        version: before.version + 1,
        projectedAt: at,
        projected: last.kind,
        since: last.at,
        days: ledger.fold(),
      };
      ledger.setMark(next);
      return next;
    });
    await writeLedger(openDb(env.DB), {
      workerId: meta.workerId,
      version: mark.version,
      kind: last.kind,
      since: last.at,
      days: mark.days,
      at,
    });
    const newest = ledger.last();
    if (newest && (newest.at !== last.at || newest.kind !== last.kind)) {
      parts.agenda.clear("ledger", "");
      queueLedger(parts, newest.kind);
    }
    return null;
  };
}
