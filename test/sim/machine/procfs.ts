// What /proc would tell of the simulated programs.
import { taskNow } from "./machine.ts";
import { programs } from "./processes.ts";

export function readStat(pid: number) {
  const program = programs.get(pid);
  if (program === undefined) return null;
  return { pid, zombie: false, session: pid, born: program.born };
}

export function isAlive(pid: number, born: number): boolean {
  return programs.get(pid)?.born === born;
}

export function listPids(): number[] {
  return [...programs.keys()];
}

export function hasMarker(pid: number, _name: string, value: string): boolean {
  return programs.get(pid)?.instanceId === value;
}

export function markerOf(pid: number, _name: string): string | null {
  return programs.get(pid)?.instanceId ?? null;
}

/** The kernel does not tell: nothing here has groups of version 1. */
export function descendantsOf(_pid: number): number[] | null {
  return null;
}

export function readBootId(): string {
  return taskNow().machine.bootId;
}

export function ownCgroup(): string | null {
  return null;
}

export function read(): string | null {
  return null;
}

export const ownCgroup1 = ownCgroup;

export function memoryOf(): number | null {
  return null;
}

export const residentOf = memoryOf;

export function hasNoNewPrivs(): boolean {
  return false;
}

type Whole<Fake extends typeof import("../../../agent/keeper/procfs.ts")> = Fake;
/** What the real one exports and this one lacks does not compile. */
export type Procfs = Whole<typeof import("./procfs.ts")>;
