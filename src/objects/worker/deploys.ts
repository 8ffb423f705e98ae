// The rows of deploys, by number; with each what the domain need not see: its variables, what opens its
// repository, and its recipe.
import type { DeployId, HostId } from "../../../protocol/ids.ts";
import type { DeployStatus } from "../../../protocol/instance.ts";
import { type Deploy, type DeployKind, deployEnded, type Step } from "../../domain/worker.ts";
import type { EnvSnapshot, Recipe, SealedCredential } from "../../rpc.ts";
import type { Row, Sql } from "../sql.ts";

export interface StoredDeploy extends Deploy {
  readonly endedAt: number | null;
  readonly env: EnvSnapshot | null;
  readonly git: SealedCredential | null;
  readonly recipe: Recipe | null;
  /** Of a rollback: the release whose content it brings back. */
  readonly restores: number | null;
}

interface DeployRow extends Row {
  number: number;
  id: string;
  kind: string;
  status: string;
  reason: string | null;
  ref: string | null;
  commit_id: string | null;
  commit_message: string | null;
  release: number | null;
  proven: number;
  steps: string;
  tail: string;
  actor: string;
  created_at: number;
  status_at: number;
  ended_at: number | null;
  build_host_id: string | null;
  env: string | null;
  git: string | null;
  recipe: string | null;
  restores: number | null;
}

export class DeployTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Those that have not ended, oldest first. */
  active(): StoredDeploy[] {
    const query = "SELECT * FROM deploys WHERE ended_at IS NULL ORDER BY number";
    return this.#sql.all<DeployRow>(query).map((row) => deployOf(row));
  }

  byNumber(number: number): StoredDeploy | null {
    const row = this.#sql.first<DeployRow>("SELECT * FROM deploys WHERE number = ?", number);
    return row ? deployOf(row) : null;
  }

  byId(id: string): StoredDeploy | null {
    const row = this.#sql.first<DeployRow>("SELECT * FROM deploys WHERE id = ?", id);
    return row ? deployOf(row) : null;
  }

  /** Newest first, below that number. */
  page(below: number, limit: number): StoredDeploy[] {
    const query = "SELECT * FROM deploys WHERE number < ? ORDER BY number DESC LIMIT ?";
    return this.#sql.all<DeployRow>(query, below, limit).map((row) => deployOf(row));
  }

  nextNumber(): number {
    const row = this.#sql.first<{ n: number | null }>("SELECT MAX(number) AS n FROM deploys");
    return (row?.n ?? 0) + 1;
  }

  /**
   * The newest status decides when it began, and whether it ended. Once built, its release has its variables, and what
   * opened its repository is dropped.
   */
  move(deploy: StoredDeploy, to: DeployStatus, now: number, change: Partial<StoredDeploy>): void {
    const endedAt = deployEnded(to) ? now : null;
    const isBuilt = to === "predeploy" || to === "rolling_out";
    const { env, git } = endedAt !== null || isBuilt ? { env: null, git: null } : deploy;
    this.write({ ...deploy, ...change, env, git, status: to, statusAt: now, endedAt });
  }

  /** Drops ended ones but for the newest so many. */
  trim(keep: number): void {
    const query =
      "DELETE FROM deploys WHERE number <= (SELECT MAX(number) FROM deploys) - ? AND ended_at IS NOT NULL";
    this.#sql.run(query, keep);
  }

  /** The host of the newest build that ended with a release. */
  lastBuilder(): string | null {
    const query =
      "SELECT build_host_id AS host FROM deploys WHERE kind = 'deploy' AND release IS NOT NULL AND build_host_id IS NOT NULL ORDER BY number DESC LIMIT 1";
    return this.#sql.first<{ host: string }>(query)?.host ?? null;
  }

  /** The numbers of all releases that they name. */
  releases(): number[] {
    const query = "SELECT DISTINCT release AS n FROM deploys WHERE release IS NOT NULL";
    return this.#sql.all<{ n: number }>(query).map((row) => row.n);
  }

  /** The numbers of all releases that went live, the newest time first. */
  liveReleases(): number[] {
    const query =
      "SELECT release AS n FROM deploys WHERE status = 'live' AND release IS NOT NULL GROUP BY release ORDER BY MAX(number) DESC";
    return this.#sql.all<{ n: number }>(query).map((row) => row.n);
  }

  /** The data key of what is sealed is wrapped anew; what it opens stays. */
  rewrap(wrappedKey: string): void {
    for (const column of ["env", "git"])
      this.#sql.run(
        `UPDATE deploys SET ${column} = json_set(${column}, '$.wrappedKey', ?) WHERE ${column} ->> 'wrappedKey' NOT IN ('', ?)`,
        wrappedKey,
        wrappedKey,
      );
  }

  write(one: StoredDeploy): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO deploys (number, id, kind, status, reason, ref, commit_id, commit_message, release, proven, steps, tail, actor, created_at, status_at, ended_at, build_host_id, env, git, recipe, restores) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      one.number,
      one.id,
      one.kind,
      one.status,
      one.reason,
      one.ref,
      one.commit,
      one.commitMessage,
      one.release,
      one.proven ? 1 : 0,
      JSON.stringify(one.steps),
      JSON.stringify(one.tail),
      one.actor,
      one.createdAt,
      one.statusAt,
      one.endedAt,
      one.buildHostId,
      one.env === null ? null : JSON.stringify(one.env),
      one.git === null ? null : JSON.stringify(one.git),
      one.recipe === null ? null : JSON.stringify(one.recipe),
      one.restores,
    );
  }
}

function deployOf(row: DeployRow): StoredDeploy {
  return {
    id: row.id as DeployId,
    number: row.number,
    kind: row.kind as DeployKind,
    status: row.status as DeployStatus,
    reason: row.reason,
    ref: row.ref,
    commit: row.commit_id,
    commitMessage: row.commit_message,
    release: row.release,
    proven: row.proven === 1,
    steps: JSON.parse(row.steps) as Step[],
    tail: JSON.parse(row.tail) as string[],
    actor: row.actor,
    createdAt: row.created_at,
    statusAt: row.status_at,
    endedAt: row.ended_at,
    buildHostId: row.build_host_id as HostId | null,
    env: row.env === null ? null : (JSON.parse(row.env) as EnvSnapshot),
    git: row.git === null ? null : (JSON.parse(row.git) as SealedCredential),
    recipe: row.recipe === null ? null : (JSON.parse(row.recipe) as Recipe),
    restores: row.restores,
  };
}
