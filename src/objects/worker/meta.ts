// The worker's one meta row, mirrored in memory: the spec in force, what is live, the counters.
//
// 1. The mirror is written through; after a rolled back transaction it is read anew.
import type { ProjectId, WorkerId } from "../../../protocol/ids.ts";
import { readSpec, type WorkerSpec } from "../../../protocol/spec.ts";
import type { Base } from "../../domain/worker.ts";
import type { Row, Sql } from "../sql.ts";

export interface WorkerMeta {
  readonly workerId: WorkerId;
  readonly projectId: ProjectId;
  readonly project: string;
  readonly specVersion: number;
  readonly spec: WorkerSpec;
  readonly base: Base | null;
  /** Rises with each instance, never falls. */
  readonly nextGeneration: number;
  readonly createdAt: number;
  readonly lastDeployAt: number | null;
  readonly projection: number;
  /** The last projection that D1 has, as JSON. */
  readonly projected: string;
  readonly projectedAt: number;
  /** The spec version that D1 knows to be applied. */
  readonly markedVersion: number;
  readonly placeDelayMs: number;
  /** All is over: only this row and the keys of the hosts remain. */
  readonly deletedAt: number | null;
}

interface MetaRow extends Row {
  worker_id: string;
  project_id: string;
  project: string;
  spec_version: number;
  spec: string;
  base_deploy: number | null;
  base_release: number | null;
  base_live: number;
  next_generation: number;
  created_at: number;
  last_deploy_at: number | null;
  projection: number;
  projected: string;
  projected_at: number;
  marked_version: number;
  place_delay_ms: number;
  deleted_at: number | null;
}

export class MetaTable {
  readonly #sql: Sql;
  #meta: WorkerMeta | null | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Null before the first `apply`. */
  get(): WorkerMeta | null {
    if (this.#meta === undefined) {
      const row = this.#sql.first<MetaRow>("SELECT * FROM meta WHERE id = 1");
      this.#meta = row ? metaOf(row) : null;
    }
    return this.#meta;
  }

  forget(): void {
    this.#meta = undefined;
  }

  update(change: Partial<WorkerMeta>): void {
    const meta = this.get();
    if (meta) this.write({ ...meta, ...change });
  }

  write(meta: WorkerMeta): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO meta (id, worker_id, project_id, project, spec_version, spec, base_deploy, base_release, base_live, next_generation, created_at, last_deploy_at, projection, projected, projected_at, marked_version, place_delay_ms, deleted_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      meta.workerId,
      meta.projectId,
      meta.project,
      meta.specVersion,
      JSON.stringify(meta.spec),
      meta.base?.deploy ?? null,
      meta.base?.release ?? null,
      meta.base?.live ? 1 : 0,
      meta.nextGeneration,
      meta.createdAt,
      meta.lastDeployAt,
      meta.projection,
      meta.projected,
      meta.projectedAt,
      meta.markedVersion,
      meta.placeDelayMs,
      meta.deletedAt,
    );
    this.#meta = meta;
  }
}

function metaOf(row: MetaRow): WorkerMeta {
  const { base_deploy: deploy, base_release: release } = row;
  return {
    workerId: row.worker_id as WorkerId,
    projectId: row.project_id as ProjectId,
    project: row.project,
    specVersion: row.spec_version,
    spec: readSpec(row.spec),
    base:
      deploy === null || release === null ? null : { deploy, release, live: row.base_live === 1 },
    nextGeneration: row.next_generation,
    createdAt: row.created_at,
    lastDeployAt: row.last_deploy_at,
    projection: row.projection,
    projected: row.projected,
    projectedAt: row.projected_at,
    markedVersion: row.marked_version,
    placeDelayMs: row.place_delay_ms,
    deletedAt: row.deleted_at,
  };
}
