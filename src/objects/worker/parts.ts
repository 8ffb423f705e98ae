// What the parts of a WorkerObject share: each gets all of it and uses little.
import type { Env } from "../../env.ts";
import type { Agenda } from "../agenda.ts";
import type { Rim } from "../rim.ts";
import type { Sockets } from "../sockets.ts";
import type { Sql } from "../sql.ts";
import { CrashGroups } from "./crash-groups.ts";
import { DeployTable } from "./deploys.ts";
import { FrameTable } from "./frames.ts";
import { Haste } from "./haste.ts";
import { HostTable } from "./hosts.ts";
import { InstanceTable } from "./instances.ts";
import { JobTable } from "./job-table.ts";
import { LedgerTable } from "./ledger.ts";
import { MetaTable } from "./meta.ts";
import { ReleaseTable } from "./releases.ts";
import { Timeline } from "./timeline.ts";

/**
 * `wake`: decide again. `place`: look for room again. `confirm`, `release`: a host and a key it reserved.
 * `push`: send a host its set again. `silence`: judge a host that its HostObject took for lost.
 * `project`, `ledger`: write to D1. `retention`: drop what is old.
 */
export type WorkerAgendaKind =
  | "wake"
  | "place"
  | "confirm"
  | "release"
  | "push"
  | "silence"
  | "project"
  | "ledger"
  | "retention";

export interface WorkerParts {
  readonly env: Env;
  readonly rim: Rim;
  readonly storage: DurableObjectStorage;
  readonly sql: Sql;
  readonly meta: MetaTable;
  readonly instances: InstanceTable;
  readonly jobs: JobTable;
  readonly deploys: DeployTable;
  readonly releases: ReleaseTable;
  readonly hosts: HostTable;
  readonly timeline: Timeline;
  readonly crashGroups: CrashGroups;
  readonly frames: FrameTable;
  readonly ledger: LedgerTable;
  readonly haste: Haste;
  readonly agenda: Agenda<WorkerAgendaKind>;
  readonly sockets: Sockets;
}

export function makeTables(sql: Sql, rim: Rim) {
  return {
    meta: new MetaTable(sql),
    instances: new InstanceTable(sql),
    jobs: new JobTable(sql),
    deploys: new DeployTable(sql),
    releases: new ReleaseTable(sql),
    hosts: new HostTable(sql),
    timeline: new Timeline(sql, rim),
    crashGroups: new CrashGroups(sql),
    frames: new FrameTable(sql),
    ledger: new LedgerTable(sql),
    haste: new Haste(),
  };
}

/** All or nothing; what memory mirrors is forgotten where it was nothing. */
export function atomically<T>(parts: WorkerParts, change: () => T): T {
  try {
    return parts.storage.transactionSync(change);
  } catch (error) {
    parts.meta.forget();
    parts.releases.forget();
    parts.frames.forget();
    parts.agenda.forget();
    throw error;
  }
}

/** An agenda key of `confirm` and `release`. */
export function reservationKey(hostId: string, key: string): string {
  return `${hostId} ${key}`;
}
