// Releases: written once, never changed. The variables in them are ciphertext.
//
// 1. A rollback makes a release of its own with the content of an older one, which it names by `restores`.
import type { Artifact } from "../../../protocol/artifact.ts";
import type { ReleaseLimits, Source } from "../../../protocol/channel.ts";
import type { WorkerSpec } from "../../../protocol/spec.ts";
import type { EnvSnapshot } from "../../rpc.ts";
import type { Row, Sql } from "../sql.ts";

export interface Release {
  readonly number: number;
  readonly deploy: number;
  readonly source: Source;
  readonly digest: string;
  readonly artifact: Artifact | null;
  readonly commitMessage: string | null;
  readonly startCommand: string;
  readonly stopSignal: WorkerSpec["stopSignal"];
  readonly stopGraceMs: number;
  readonly mode: WorkerSpec["mode"];
  /** Null for one from before there were any. */
  readonly limits: ReleaseLimits | null;
  readonly createdAt: number;
  readonly env: EnvSnapshot;
  /** The release whose content it has, itself built; null where this one was built. */
  readonly restores: number | null;
  readonly predeployCommand: string | null;
}

interface ReleaseRow extends Row {
  number: number;
  deploy: number;
  source: string;
  digest: string;
  artifact: string | null;
  commit_message: string | null;
  start_command: string;
  stop_signal: string;
  stop_grace_ms: number;
  mode: string;
  created_at: number;
  env: string;
  restores: number | null;
  predeploy_command: string | null;
  limits: string;
}

export const NO_LIMITS: ReleaseLimits = {
  memoryBytes: null,
  cpus: null,
  pids: null,
  openFiles: null,
};

export class ReleaseTable {
  readonly #sql: Sql;
  /** They never change, so what was read once is right. */
  readonly #read = new Map<number, Release>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(number: number): Release | null {
    const known = this.#read.get(number);
    if (known) return known;
    const row = this.#sql.first<ReleaseRow>("SELECT * FROM releases WHERE number = ?", number);
    if (!row) return null;
    const release = releaseOf(row);
    this.#read.set(number, release);
    return release;
  }

  page(below: number, limit: number): Release[] {
    const query = "SELECT * FROM releases WHERE number < ? ORDER BY number DESC LIMIT ?";
    return this.#sql.all<ReleaseRow>(query, below, limit).map((row) => releaseOf(row));
  }

  /** Digests of the artifacts of the newest so many, and of these. */
  artifacts(newest: number, also: ReadonlySet<number | null>): string[] {
    const query =
      "SELECT number, artifact FROM releases WHERE artifact IS NOT NULL ORDER BY number DESC";
    const rows = this.#sql.all<{ number: number; artifact: string }>(query);
    const kept = rows.filter(({ number }, place) => place < newest || also.has(number));
    return [...new Set(kept.map(({ artifact }) => (JSON.parse(artifact) as Artifact).digest))];
  }

  nextNumber(): number {
    const row = this.#sql.first<{ n: number | null }>("SELECT MAX(number) AS n FROM releases");
    return (row?.n ?? 0) + 1;
  }

  /** Drops what nobody names, but never the newest: its number is not given out again. */
  trim(keep: ReadonlySet<number | null>): void {
    const query =
      "SELECT number FROM releases WHERE number < (SELECT MAX(number) FROM releases) ORDER BY number";
    for (const { number } of this.#sql.all<{ number: number }>(query)) {
      if (keep.has(number)) continue;
      this.#sql.run("DELETE FROM releases WHERE number = ?", number);
      this.#read.delete(number);
    }
  }

  forget(): void {
    this.#read.clear();
  }

  /** The data key of their variables is wrapped anew; what it opens stays. */
  rewrap(wrappedKey: string): void {
    this.#sql.run(
      "UPDATE releases SET env = json_set(env, '$.wrappedKey', ?) WHERE env ->> 'wrappedKey' NOT IN ('', ?)",
      wrappedKey,
      wrappedKey,
    );
    this.forget();
  }

  add(one: Release): void {
    this.#sql.run(
      "INSERT INTO releases (number, deploy, source, digest, artifact, commit_message, start_command, stop_signal, stop_grace_ms, mode, created_at, env, restores, predeploy_command, limits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      one.number,
      one.deploy,
      JSON.stringify(one.source),
      one.digest,
      one.artifact && JSON.stringify(one.artifact),
      one.commitMessage,
      one.startCommand,
      one.stopSignal,
      one.stopGraceMs,
      one.mode,
      one.createdAt,
      JSON.stringify(one.env),
      one.restores,
      one.predeployCommand,
      JSON.stringify(one.limits ?? {}),
    );
  }
}

function limitsOf(stored: Partial<ReleaseLimits>): ReleaseLimits | null {
  return Object.keys(stored).length === 0 ? null : { ...NO_LIMITS, ...stored };
}

function releaseOf(row: ReleaseRow): Release {
  return {
    number: row.number,
    deploy: row.deploy,
    source: JSON.parse(row.source) as Source,
    digest: row.digest,
    artifact: row.artifact === null ? null : (JSON.parse(row.artifact) as Artifact),
    commitMessage: row.commit_message,
    startCommand: row.start_command,
    stopSignal: row.stop_signal as Release["stopSignal"],
    stopGraceMs: row.stop_grace_ms,
    mode: row.mode as Release["mode"],
    limits: limitsOf(JSON.parse(row.limits) as Partial<ReleaseLimits>),
    createdAt: row.created_at,
    env: JSON.parse(row.env) as EnvSnapshot,
    restores: row.restores,
    predeployCommand: row.predeploy_command,
  };
}
