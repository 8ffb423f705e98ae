// Which process a pid means: pid plus start time plus boot, so that a reused number is never signalled.
// Reads /proc; where there is none, nothing is ever recognised and so nothing is ever killed.
import { readdirSync, readFileSync } from "node:fs";

/** One process, for as long as this boot lasts. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process. */
  readonly startTicks: number;
  readonly bootId: string;
}

interface Stat {
  readonly ppid: number;
  readonly state: string;
  readonly startTicks: number;
}

function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the name in brackets and may hold blanks and brackets itself.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "?", ppid: Number(fields[1]), startTicks: Number(fields[19]) };
  } catch {
    return null;
  }
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}

/** The identity of a process that lives now, or null. A zombie does not live. */
export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  if (stat === null || stat.state === "Z" || stat.state === "X") return null;
  return { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Whether exactly this process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** The command line, blanks between the arguments; empty where it cannot be read. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** Living direct children of a process. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((child) => {
        const stat = readStat(child);
        return stat !== null && stat.ppid === pid && stat.state !== "Z";
      });
  } catch {
    return [];
  }
}

/** Sends a signal; false where the process is gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Resolves with true once the process is gone, with false after `withinMs`. */
export async function gone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (isAlive(identity)) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** TERM, then KILL after `graceMs`. Resolves when the process is gone (or could not be killed for 5 s). */
export async function end(identity: ProcessIdentity, graceMs: number): Promise<boolean> {
  if (!isAlive(identity)) return true;
  signal(identity.pid, "SIGTERM");
  if (await gone(identity, graceMs)) return true;
  if (isAlive(identity)) signal(identity.pid, "SIGKILL");
  return gone(identity, 5_000);
}
