// What happened: events, crashes, and which exits were taken in already.
//
// 1. An exit is known by (generation, boot, attempt): it counts once, however often it is reported.
import type { ExitReport } from "../../../protocol/channel.ts";
import type { ExitReason } from "../../../protocol/instance.ts";
import type { CrashView, EventKind, EventView } from "../../../protocol/rest.ts";
import { newId, type Rim } from "../rim.ts";
import type { Row, Sql } from "../sql.ts";

export interface NewEvent {
  readonly id?: string;
  readonly kind: EventKind;
  readonly message: string;
  readonly actor?: string;
  readonly at?: number;
  readonly slot?: number;
  readonly instance?: string;
  readonly deploy?: number;
  readonly release?: number;
  readonly crash?: string;
}

/** What the timeline calls itself where no person caused something. */
export const SYSTEM_ACTOR = "coppice";

const DETAIL_CHARS = 2_000;
const TAIL_LINE_CHARS = 4_096;

/** The last lines, each short enough for all of them to fit into a row. */
export function boundedTail(tail: readonly string[], lines: number): string[] {
  return tail.slice(-lines).map((line) => line.slice(0, TAIL_LINE_CHARS));
}

interface EventRow extends Row {
  seq: number;
  id: string;
  at: number;
  kind: string;
  actor: string;
  message: string;
  slot: number | null;
  instance: string | null;
  deploy: number | null;
  release: number | null;
  crash: string | null;
}

interface CrashRow extends Row {
  seq: number;
  id: string;
  at: number;
  slot: number;
  instance: string;
  attempt: number;
  exit_code: number | null;
  signal: string | null;
  oom: number;
  uptime_ms: number;
  release: number;
  reason: string;
  detail: string | null;
  tail: string;
  kind: number | null;
}

export interface Numbered<T> {
  readonly seq: number;
  readonly view: T;
}

export class Timeline {
  readonly #sql: Sql;
  readonly #rim: Rim;

  constructor(sql: Sql, rim: Rim) {
    this.#sql = sql;
    this.#rim = rim;
  }

  add(event: NewEvent): void {
    this.#sql.run(
      "INSERT INTO events (id, at, kind, actor, message, slot, instance, deploy, release, crash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      event.id ?? newId(this.#rim, "event"),
      event.at ?? this.#rim.now(),
      event.kind,
      event.actor ?? SYSTEM_ACTOR,
      event.message,
      event.slot ?? null,
      event.instance ?? null,
      event.deploy ?? null,
      event.release ?? null,
      event.crash ?? null,
    );
  }

  knowsEvent(id: string): boolean {
    return this.#sql.first("SELECT 1 AS one FROM events WHERE id = ?", id) !== null;
  }

  events(below: number, limit: number): Numbered<EventView>[] {
    const query = "SELECT * FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?";
    return this.#sql.all<EventRow>(query, below, limit).map((row) => ({
      seq: row.seq,
      view: eventOf(row),
    }));
  }

  newestSeq(): number {
    return this.#sql.first<{ n: number | null }>("SELECT MAX(seq) AS n FROM events")?.n ?? 0;
  }

  /** In order, behind that one. */
  eventsAfter(seq: number, limit: number): Numbered<EventView>[] {
    const query = "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?";
    return this.#sql
      .all<EventRow>(query, seq, limit)
      .map((row) => ({ seq: row.seq, view: eventOf(row) }));
  }

  knowsExit(exit: ExitReport): boolean {
    const query = "SELECT 1 AS one FROM exits WHERE generation = ? AND boot_id = ? AND attempt = ?";
    return this.#sql.first(query, exit.generation, exit.bootId, exit.attempt) !== null;
  }

  addExit(exit: ExitReport): void {
    this.#sql.run(
      "INSERT INTO exits (generation, boot_id, attempt, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      exit.generation,
      exit.bootId,
      exit.attempt,
      this.#rim.now(),
    );
  }

  addCrash(exit: ExitReport, { id, group }: { readonly id: string; readonly group: number }): void {
    this.#sql.run(
      "INSERT INTO crashes (id, at, slot, instance, attempt, exit_code, signal, oom, uptime_ms, release, reason, detail, tail, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id,
      exit.exitedAt,
      exit.slot,
      exit.instanceId,
      exit.attempt,
      exit.exitCode,
      exit.signal,
      exit.oom ? 1 : 0,
      Math.round(exit.uptimeMs),
      exit.release,
      exit.reason,
      exit.detail?.slice(0, DETAIL_CHARS) ?? null,
      JSON.stringify(boundedTail(exit.tail, this.#rim.policy.logs.tailLines)),
      group,
    );
  }

  lastCrashAt(): number | null {
    const query = "SELECT at FROM crashes ORDER BY seq DESC LIMIT 1";
    return this.#sql.first<{ at: number }>(query)?.at ?? null;
  }

  /** Drops the oldest beyond what is kept. */
  trim(keep: { readonly crashes: number; readonly events: number; readonly exitsBefore: number }) {
    for (const table of ["crashes", "events"] as const)
      this.#sql.run(
        `DELETE FROM ${table} WHERE seq <= (SELECT MAX(seq) FROM ${table}) - ?`,
        keep[table],
      );
    this.#sql.run("DELETE FROM exits WHERE at < ?", keep.exitsBefore);
  }

  /** What the newest crash of that release said last. */
  lastWords(release: number): string[] {
    const query = "SELECT * FROM crashes WHERE release = ? ORDER BY seq DESC LIMIT 1";
    const row = this.#sql.first<CrashRow>(query, release);
    if (!row) return [];
    const { detail, tail } = crashOf(row);
    return tail.length === 0 && detail !== null ? [detail] : tail;
  }

  /** Of one kind, or of all. */
  crashes(below: number, limit: number, group?: number): Numbered<CrashView>[] {
    const query =
      "SELECT * FROM crashes WHERE seq < ? AND (? IS NULL OR kind = ?) ORDER BY seq DESC LIMIT ?";
    return this.#sql
      .all<CrashRow>(query, below, group ?? null, group ?? null, limit)
      .map((row) => ({ seq: row.seq, view: crashOf(row) }));
  }
}

function eventOf({ seq: _, ...row }: EventRow): EventView {
  return { ...row, at: iso(row.at), kind: row.kind as EventKind };
}

function crashOf(row: CrashRow): CrashView {
  return {
    id: row.id,
    at: iso(row.at),
    slot: row.slot,
    instance: row.instance,
    attempt: row.attempt,
    exitCode: row.exit_code,
    signal: row.signal,
    oom: row.oom === 1,
    uptimeMs: row.uptime_ms,
    release: row.release,
    reason: row.reason as ExitReason,
    detail: row.detail,
    tail: JSON.parse(row.tail) as string[],
    group: row.kind,
  };
}

export function iso(at: number): string;
export function iso(at: number | null): string | null;
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
