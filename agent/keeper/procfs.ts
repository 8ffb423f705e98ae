// What /proc tells: identity of a process (pid + start time), its session, its marker, our own cgroup.
// Reads only.
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessStat {
  readonly pid: number;
  readonly zombie: boolean;
  readonly session: number;
  /** Clock ticks since boot; with the pid it names one process of this boot. */
  readonly born: number;
}

/** Null where there is no such process. */
export function readStat(pid: number): ProcessStat | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name may hold spaces and parentheses: the fields begin after the last ")".
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  return {
    pid,
    zombie: state === "Z" || state === "X",
    session: Number(fields[3]),
    born: Number(fields[19]),
  };
}

/** Whether this very process still runs; a zombie does not. */
export function isAlive(pid: number, born: number): boolean {
  const stat = readStat(pid);
  return stat !== null && !stat.zombie && stat.born === born;
}

export function listPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** Whether the process was started with `name=value` in its environment. */
export function hasMarker(pid: number, name: string, value: string): boolean {
  const environ = read(`/proc/${pid}/environ`);
  return environ !== null && `\0${environ}`.includes(`\0${name}=${value}\0`);
}

export function readBootId(): string {
  return (read("/proc/sys/kernel/random/boot_id") ?? "unknown").trim();
}

/** Directory of our own cgroup (v2), wherever that hierarchy is mounted; null where there is none. */
export function ownCgroup(): string | null {
  const mount = /^\S+ (\S+) cgroup2 /m.exec(read("/proc/mounts") ?? "")?.[1];
  const path = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup") ?? "")?.[1];
  if (mount === undefined || path === undefined) return null;
  return `${mount}${path === "/" ? "" : path}`;
}

/** A pseudo file's text; null where it can't be read. */
export function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}
