// The programs that run on simulated machines, known by pid over all of them, and what each did in truth.
//
// 1. Truth is written here and nowhere else: when each attempt began and ended, and every byte that it printed.
import { sim } from "../kernel/sim.ts";
import type { Machine, Task } from "./machine.ts";

export interface Program {
  readonly pid: number;
  readonly born: number;
  readonly machine: Machine;
  readonly bootId: string;
  readonly instanceId: string;
  readonly workerId: string;
  readonly slot: number;
  readonly generation: number;
  readonly attempt: number;
  readonly release: number;
  readonly command: string;
  readonly startedAt: number;
  /** The keeper that is its parent, as long as that lives. */
  parent: Task | null;
  readonly onExit: (code: number | null, signal: string | null) => void;
  alive: boolean;
  endedAt: number | null;
  /** How its end came: of itself, by a signal, with the machine. */
  end: "itself" | "signal" | "power" | null;
  /** A descendant in a session of its own that is still there. */
  straggler: boolean;
  termed: boolean;
  readonly printed: { readonly stdout: Buffer[]; readonly stderr: Buffer[] };
  /** Output goes nowhere: its files could not be made. */
  readonly mute: boolean;
  /** Its keeper died before it could note the pid: the next one knows it by its fence alone, and clears it away. */
  unvouched: boolean;
  /** The power went before its beginning was on the disk: no record of it has to be left. */
  forgotten: boolean;
  /** How much of its output was left after the power went; null where it did not, or nothing tells. */
  survived: { readonly stdout: number; readonly stderr: number } | null;
}

/** Those that run, or left something that does. */
export const programs = new Map<number, Program>();
/** All that ever ran, in order. */
export const history: Program[] = [];

export function forgetPrograms(): void {
  programs.clear();
  history.length = 0;
}

export function pidExists(pid: number): boolean {
  return programs.get(pid)?.alive ?? false;
}

export function keyOf(program: Pick<Program, "instanceId" | "bootId" | "attempt">): string {
  return `${program.instanceId}/${program.bootId}/${program.attempt}`;
}

export function running(machine: Machine): Program[] {
  return history.filter((one) => one.alive && one.machine === machine);
}

/** Ends it; its parent hears of it where it still has one. */
export function endProgram(
  program: Program,
  how: { code: number | null; signal: string | null; end: NonNullable<Program["end"]> },
): void {
  if (!program.alive) return;
  program.alive = false;
  program.endedAt = sim().now;
  program.end = how.end;
  programs.delete(program.pid);
  const code = how.code === null ? how.signal : how.code;
  sim().trace(
    `program ${program.instanceId.slice(-6)} attempt ${program.attempt} on ${program.machine.name} ended: ${how.end} ${code}`,
  );
  const { parent } = program;
  if (parent === null || how.end === "power") return;
  sim().after(program.machine.random.int(0, 2), parent, () => program.onExit(how.code, how.signal));
}
