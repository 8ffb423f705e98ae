// The rows of jobs: commands that run once, until their end was told and their deploy went on.
import type { JobOutcome } from "../../../protocol/channel.ts";
import type { HostId, JobId } from "../../../protocol/ids.ts";
import type { Job } from "../../domain/worker.ts";
import type { Row, Sql } from "../sql.ts";

interface JobRow extends Row {
  generation: number;
  id: string;
  deploy: number;
  release: number;
  host_id: string | null;
  begun: number;
  created_at: number;
  placed_at: number | null;
  stop_why: string | null;
  stop_at: number | null;
  grace_ms: number;
  outcome: string | null;
  tail: string;
}

export class JobTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Oldest first. */
  all(): Job[] {
    return this.#sql.all<JobRow>("SELECT * FROM jobs ORDER BY generation").map(jobOf);
  }

  byId(id: string): Job | null {
    const row = this.#sql.first<JobRow>("SELECT * FROM jobs WHERE id = ?", id);
    return row ? jobOf(row) : null;
  }

  onHost(hostId: string): Job[] {
    const query = "SELECT * FROM jobs WHERE host_id = ? ORDER BY generation";
    return this.#sql.all<JobRow>(query, hostId).map(jobOf);
  }

  write(one: Job): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO jobs (generation, id, deploy, release, host_id, begun, created_at, placed_at, stop_why, stop_at, grace_ms, outcome, tail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      one.generation,
      one.id,
      one.deploy,
      one.release,
      one.hostId,
      one.begun ? 1 : 0,
      one.createdAt,
      one.placedAt,
      one.stop?.why ?? null,
      one.stop?.at ?? null,
      one.graceMs,
      one.outcome === null ? null : JSON.stringify(one.outcome),
      JSON.stringify(one.tail),
    );
  }

  delete(one: Job): void {
    this.#sql.run("DELETE FROM jobs WHERE generation = ?", one.generation);
  }
}

function jobOf(row: JobRow): Job {
  return {
    id: row.id as JobId,
    generation: row.generation,
    deploy: row.deploy,
    release: row.release,
    hostId: row.host_id as HostId | null,
    begun: row.begun === 1,
    createdAt: row.created_at,
    placedAt: row.placed_at,
    stop: row.stop_at === null ? null : { why: row.stop_why ?? "", at: row.stop_at },
    graceMs: row.grace_ms,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as JobOutcome),
    tail: JSON.parse(row.tail) as string[],
  };
}
