// Who runs on this state directory: a record per part, and the lock of the launcher.
//
// 1. A process is ended only where pid, start time, boot and a piece of its command line all fit its record.
// 2. The lock is taken by link(2), which fails where it exists; a stale one is moved away before.
import {
  closeSync,
  ftruncateSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { commandLine, end, identify, isAlive, type ProcessIdentity } from "./identity.ts";
import { readJson, type StatePaths, writePrivate } from "./state.ts";

export interface RunRecord extends ProcessIdentity {
  readonly name: string;
  /** A piece of the command line by which the process is known. */
  readonly mark: string;
}

function parse(value: unknown): RunRecord | null {
  const record = value as Partial<RunRecord> | null;
  if (typeof record?.pid !== "number" || typeof record.startTicks !== "number") return null;
  if (typeof record.bootId !== "string" || typeof record.name !== "string") return null;
  return { ...(record as RunRecord), mark: record.mark ?? "" };
}

function recordPath(paths: StatePaths, name: string): string {
  return join(paths.run, `${name}.json`);
}

/**
 * Notes that `pid` is the part `name`, known by `mark` in its command line. Never throws: where a full disk takes no
 * new file, the room of the last record is used again, and a part without a record is better than none.
 */
export function recordRun(paths: StatePaths, name: string, pid: number, mark: string): void {
  const identity = identify(pid);
  if (identity === null) return;
  const path = recordPath(paths, name);
  const record = { ...identity, name, mark };
  try {
    writePrivate(path, record);
  } catch {
    overwrite(path, `${JSON.stringify(record)}\n`);
  }
}

function overwrite(path: string, text: string): void {
  try {
    const file = openSync(path, "r+");
    try {
      ftruncateSync(file, writeSync(file, text, 0));
    } finally {
      closeSync(file);
    }
  } catch {}
}

export function forgetRun(paths: StatePaths, name: string): void {
  rmSync(recordPath(paths, name), { force: true });
}

function isOurs(record: RunRecord): boolean {
  return isAlive(record) && commandLine(record.pid).includes(record.mark);
}

export interface Orphan {
  readonly name: string;
  readonly pid: number;
  readonly ended: boolean;
}

/**
 * Ends what an earlier start left behind and forgets the records. `only` names one part. Order matters little:
 * none of the parts has a supervisor any more.
 */
export async function endOrphans(paths: StatePaths, only?: string): Promise<Orphan[]> {
  const orphans: Orphan[] = [];
  for (const file of readdirSync(paths.run).sort()) {
    if (!file.endsWith(".json") || (only !== undefined && file !== `${only}.json`)) continue;
    const record = parse(readJson(join(paths.run, file)));
    if (record !== null && isOurs(record)) {
      const ended = await end(record, 3_000);
      orphans.push({ name: record.name, pid: record.pid, ended });
    }
    rmSync(join(paths.run, file), { force: true });
  }
  return orphans;
}

export type LockAnswer =
  | { readonly kind: "held"; readonly release: () => void }
  | { readonly kind: "busy"; readonly pid: number };

/** Takes the state directory for this process, or says who has it. */
export function takeLock(paths: StatePaths): LockAnswer {
  const self = identify(process.pid) ?? { pid: process.pid, startTicks: 0, bootId: "" };
  const mine = `${paths.lock}.${process.pid}`;
  writePrivate(mine, { ...self, name: "launcher", mark: "" });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        linkSync(mine, paths.lock);
        return { kind: "held", release: () => rmSync(paths.lock, { force: true }) };
      } catch {
        const holder = parse(readJson(paths.lock));
        if (holder !== null && isAlive(holder)) return { kind: "busy", pid: holder.pid };
        moveStaleAway(paths.lock);
      }
    }
    return { kind: "busy", pid: 0 };
  } finally {
    rmSync(mine, { force: true });
  }
}

function moveStaleAway(lock: string): void {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
    const moved = parse(readJson(aside));
    // Another start was faster and this is its fresh lock: put it back.
    if (moved !== null && isAlive(moved)) linkSync(aside, lock);
  } catch {
    // Somebody else moved it.
  }
  rmSync(aside, { force: true });
}
