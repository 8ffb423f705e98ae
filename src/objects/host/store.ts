// What a HostObject keeps: one meta row, mirrored in memory, and the reservations.
//
// 1. The mirror is written through: it never differs from the row.
import type { Capacity, HostFacts } from "../../../protocol/channel.ts";
import type { HostId, ProjectId } from "../../../protocol/ids.ts";
import type { HostStatus } from "../../../protocol/rest.ts";
import type { Frozen } from "../../domain/breaker.ts";
import type { Reservation } from "../../rpc.ts";
import type { Sql } from "../sql.ts";

export type StoredStatus = Exclude<HostStatus, "suspect">;

export interface HostMeta {
  readonly hostId: HostId;
  readonly projectId: ProjectId;
  readonly name: string;
  readonly publicKey: string;
  readonly capacity: Capacity;
  readonly facts: HostFacts;
  readonly epoch: number;
  readonly nonce: string | null;
  /** When the channel was accepted whose `hello` was granted the epoch. */
  readonly acceptedAt: number;
  readonly status: StoredStatus;
  readonly lastHeardAt: number | null;
  /** When silence was given a fresh term; void once something was heard since. */
  readonly termFrom: number | null;
  readonly connected: boolean;
  /** Of the list of workers. */
  readonly revision: number;
  readonly projection: number;
  /** The last projection that D1 has, as JSON. */
  readonly projected: string;
  readonly projectedAt: number;
  /** When it was declared lost; null where it is not. */
  readonly lostAt: number | null;
  /** Of its owner's wish that is in force. */
  readonly intentVersion: number;
  readonly cordoned: boolean;
  /** By when it has to be empty; null where it is not drained. */
  readonly drainUntil: number | null;
  readonly frozen: Frozen | null;
  readonly thawedByHand: boolean;
}

export interface StoredReservation extends Reservation {
  readonly confirmed: boolean;
  readonly createdAt: number;
}

interface MetaRow {
  [column: string]: string | number | null;
  host_id: string;
  project_id: string;
  name: string;
  public_key: string;
  capacity: string;
  facts: string;
  epoch: number;
  nonce: string | null;
  accepted_at: number;
  status: string;
  last_heard_at: number | null;
  term_from: number | null;
  connected: number;
  revision: number;
  projection: number;
  projected: string;
  projected_at: number;
  lost_at: number | null;
  intent_version: number;
  cordoned: number;
  drain_until: number | null;
  frozen: string | null;
  thawed_by_hand: number;
}

interface ReservationRow {
  [column: string]: string | number;
  key: string;
  worker_id: string;
  kind: string;
  confirmed: number;
  created_at: number;
  memory_bytes: number;
  cpus: number;
}

export class HostStore {
  readonly #sql: Sql;
  #meta: HostMeta | null | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Null before `register`. */
  meta(): HostMeta | null {
    if (this.#meta === undefined) {
      const row = this.#sql.first<MetaRow>("SELECT * FROM meta WHERE id = 1");
      this.#meta = row ? metaOf(row) : null;
    }
    return this.#meta;
  }

  /** Forgets the mirror: after a transaction that was rolled back. */
  forget(): void {
    this.#meta = undefined;
  }

  write(meta: HostMeta): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO meta (id, host_id, project_id, name, public_key, capacity, facts, epoch, nonce, accepted_at, status, last_heard_at, term_from, connected, revision, projection, projected, projected_at, lost_at, intent_version, cordoned, drain_until, frozen, thawed_by_hand) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      meta.hostId,
      meta.projectId,
      meta.name,
      meta.publicKey,
      JSON.stringify(meta.capacity),
      JSON.stringify(meta.facts),
      meta.epoch,
      meta.nonce,
      meta.acceptedAt,
      meta.status,
      meta.lastHeardAt,
      meta.termFrom,
      meta.connected ? 1 : 0,
      meta.revision,
      meta.projection,
      meta.projected,
      meta.projectedAt,
      meta.lostAt,
      meta.intentVersion,
      meta.cordoned ? 1 : 0,
      meta.drainUntil,
      meta.frozen && JSON.stringify(meta.frozen),
      meta.thawedByHand ? 1 : 0,
    );
    this.#meta = meta;
  }

  update(change: Partial<HostMeta>): void {
    const meta = this.meta();
    if (meta) this.write({ ...meta, ...change });
  }

  reservations(): StoredReservation[] {
    return this.#sql
      .all<ReservationRow>("SELECT * FROM reservations ORDER BY key")
      .map((row) => reservationOf(row));
  }

  reservation(key: string): StoredReservation | null {
    const row = this.#sql.first<ReservationRow>("SELECT * FROM reservations WHERE key = ?", key);
    return row ? reservationOf(row) : null;
  }

  addReservation(one: Reservation, createdAt: number): void {
    this.#sql.run(
      "INSERT INTO reservations (key, worker_id, kind, confirmed, created_at, memory_bytes, cpus) VALUES (?, ?, ?, 0, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
      one.key,
      one.workerId,
      one.kind,
      createdAt,
      one.memoryBytes,
      one.cpus,
    );
  }

  /** Asked for once more: as young as a new one. */
  renewReservation(key: string, at: number): void {
    const query = "UPDATE reservations SET created_at = ? WHERE key = ? AND confirmed = 0";
    this.#sql.run(query, at, key);
  }

  confirm(key: string): void {
    this.#sql.run("UPDATE reservations SET confirmed = 1 WHERE key = ? AND confirmed = 0", key);
  }

  dropReservation(key: string): void {
    this.#sql.run("DELETE FROM reservations WHERE key = ?", key);
  }

  dropAllReservations(): void {
    this.#sql.run("DELETE FROM reservations");
  }
}

function metaOf(row: MetaRow): HostMeta {
  return {
    hostId: row.host_id as HostId,
    projectId: row.project_id as ProjectId,
    name: row.name,
    publicKey: row.public_key,
    capacity: JSON.parse(row.capacity) as Capacity,
    facts: JSON.parse(row.facts) as HostFacts,
    epoch: row.epoch,
    nonce: row.nonce,
    acceptedAt: row.accepted_at,
    status: row.status as StoredStatus,
    lastHeardAt: row.last_heard_at,
    termFrom: row.term_from,
    connected: row.connected === 1,
    revision: row.revision,
    projection: row.projection,
    projected: row.projected,
    projectedAt: row.projected_at,
    lostAt: row.lost_at,
    intentVersion: row.intent_version,
    cordoned: row.cordoned === 1,
    drainUntil: row.drain_until,
    frozen: row.frozen === null ? null : (JSON.parse(row.frozen) as Frozen),
    thawedByHand: row.thawed_by_hand === 1,
  };
}

function reservationOf(row: ReservationRow): StoredReservation {
  return {
    key: row.key,
    workerId: row.worker_id,
    kind: row.kind,
    confirmed: row.confirmed === 1,
    createdAt: row.created_at,
    memoryBytes: row.memory_bytes,
    cpus: row.cpus,
  } as StoredReservation;
}
