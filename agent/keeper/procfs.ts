// What /proc tells: identity of a process (pid + start time), its session, its marker, our own cgroup.
// Reads only.
import { existsSync, readdirSync, readFileSync } from "node:fs";

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

/** What the process was started with under that name in its environment; null where there is none. */
export function markerOf(pid: number, name: string): string | null {
  const environ = `\0${read(`/proc/${pid}/environ`) ?? ""}`;
  const at = environ.indexOf(`\0${name}=`);
  if (at < 0) return null;
  const from = at + name.length + 2;
  return environ.slice(from, environ.indexOf("\0", from));
}

/** What it forked, and those in turn, as long as their parents live; null where this kernel does not say. */
export function descendantsOf(pid: number): number[] | null {
  if (!existsSync(`/proc/self/task/${process.pid}/children`)) return null;
  const found: number[] = [];
  const open = [pid];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const children = tasksOf(at).flatMap((task) => {
      const text = read(`/proc/${at}/task/${task}/children`)?.trim() ?? "";
      return text === "" ? [] : text.split(" ").map(Number);
    });
    found.push(...children);
    open.push(...children);
  }
  return found;
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
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

/** The same in the hierarchy of that controller of version 1. */
export function ownCgroup1(controller: string): string | null {
  const mounts = (read("/proc/mounts") ?? "").split("\n").map((line) => line.split(" "));
  const mount = mounts.find(
    ([, , type, options]) => type === "cgroup" && options?.split(",").includes(controller),
  )?.[1];
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  const path = lines.find(([, names]) => names?.split(",").includes(controller))?.[2];
  if (mount === undefined || path === undefined) return null;
  // In a container the mount may begin where our path ends.
  const own = `${mount}${path === "/" ? "" : path}`;
  return existsSync(own) ? own : mount;
}

/** Bytes of memory that belong to the process: its part of what it shares with others. Null where it is gone. */
export function memoryOf(pid: number): number | null {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
  return kilobytes === undefined ? residentOf(pid) : Number(kilobytes) * 1_024;
}

/** Bytes in memory, shared pages counted whole: quick to read, and never less than `memoryOf`. */
export function residentOf(pid: number): number | null {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}

/** Whether no process that we start can gain privileges by what it executes. */
export function hasNoNewPrivs(): boolean {
  return /^NoNewPrivs:\t1$/m.test(read("/proc/self/status") ?? "");
}

/** A pseudo file's text; null where it can't be read. */
export function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}
