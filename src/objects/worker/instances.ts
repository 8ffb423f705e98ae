// The rows of instances that are not yet gone, by generation.
import type { HostId, InstanceId } from "../../../protocol/ids.ts";
import type { InstanceState, StopReason } from "../../../protocol/instance.ts";
import type { Instance, Mode } from "../../domain/worker.ts";
import type { Row, Sql } from "../sql.ts";

interface InstanceRow extends Row {
  generation: number;
  id: string;
  slot: number;
  deploy: number;
  release: number;
  host_id: string | null;
  state: string;
  attempt: number;
  boot_id: string | null;
  pid: number | null;
  started_at: number | null;
  restarts: number;
  restart_at: number | null;
  detail: string | null;
  created_at: number;
  placed_at: number | null;
  first_running_at: number | null;
  healthy_at: number | null;
  soak_crashes: number;
  stop_reason: string | null;
  stop_why: string | null;
  stop_at: number | null;
  mode: string;
  leased: number;
}

export class InstanceTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Oldest first. */
  all(): Instance[] {
    const query = "SELECT * FROM instances ORDER BY generation";
    return this.#sql.all<InstanceRow>(query).map((row) => instanceOf(row));
  }

  onHost(hostId: string): Instance[] {
    const query = "SELECT * FROM instances WHERE host_id = ? ORDER BY generation";
    return this.#sql.all<InstanceRow>(query, hostId).map((row) => instanceOf(row));
  }

  byId(id: string): Instance | null {
    const row = this.#sql.first<InstanceRow>("SELECT * FROM instances WHERE id = ?", id);
    return row ? instanceOf(row) : null;
  }

  byGeneration(generation: number): Instance | null {
    const query = "SELECT * FROM instances WHERE generation = ?";
    const row = this.#sql.first<InstanceRow>(query, generation);
    return row ? instanceOf(row) : null;
  }

  write(one: Instance): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO instances (generation, id, slot, deploy, release, host_id, state, attempt, boot_id, pid, started_at, restarts, restart_at, detail, created_at, placed_at, first_running_at, healthy_at, soak_crashes, stop_reason, stop_why, stop_at, mode, leased) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      one.generation,
      one.id,
      one.slot,
      one.deploy,
      one.release,
      one.hostId,
      one.state,
      one.attempt,
      one.bootId,
      one.pid,
      one.startedAt,
      one.restarts,
      one.restartAt,
      one.detail,
      one.createdAt,
      one.placedAt,
      one.firstRunningAt,
      one.healthyAt,
      one.soakCrashes,
      one.stop?.reason ?? null,
      one.stop?.why ?? null,
      one.stop?.at ?? null,
      one.mode,
      one.leased ? 1 : 0,
    );
  }

  delete(one: Instance): void {
    this.#sql.run("DELETE FROM instances WHERE generation = ?", one.generation);
  }
}

function instanceOf(row: InstanceRow): Instance {
  const { stop_reason: reason, stop_why: why, stop_at: at } = row;
  return {
    id: row.id as InstanceId,
    slot: row.slot,
    generation: row.generation,
    deploy: row.deploy,
    release: row.release,
    mode: row.mode as Mode,
    leased: row.leased === 1,
    hostId: row.host_id as HostId | null,
    state: row.state as InstanceState,
    attempt: row.attempt,
    bootId: row.boot_id,
    pid: row.pid,
    startedAt: row.started_at,
    restarts: row.restarts,
    restartAt: row.restart_at,
    detail: row.detail,
    createdAt: row.created_at,
    placedAt: row.placed_at,
    firstRunningAt: row.first_running_at,
    healthyAt: row.healthy_at,
    soakCrashes: row.soak_crashes,
    stop: reason === null ? null : { reason: reason as StopReason, why: why ?? "", at: at ?? 0 },
  };
}
