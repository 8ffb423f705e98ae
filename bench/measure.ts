// What the benches measure with: medians, memory and CPU of a process, and the machine they ran on.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Figures by name; what could not be measured on this machine is left out. */
export type Figures = Record<string, number>;

export interface BenchOptions {
  /** The long version, with the numbers that docs/benchmarks.md shows. */
  readonly full: boolean;
  /** Overrides how long a load is watched. */
  readonly seconds: number | null;
  /** Only these parts of the bench; empty for all. */
  readonly parts: readonly string[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Proportional set size, MB of 1,000,000 bytes. */
export function pssMb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  return (Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1_024) / 1e6;
}

/** CPU that all threads of a process have used so far, seconds; children don't count. */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((id) => {
    const text = readFileSync(`/proc/${pid}/task/${id}/schedstat`, "latin1");
    return Number(text.split(" ")[0]);
  });
  return ns.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** Per cent of one core that each of the processes uses over a while. */
export async function cpuPercent(pids: readonly number[], seconds: number): Promise<number[]> {
  const before = pids.map(cpuSeconds);
  const from = performance.now();
  await sleep(seconds * 1_000);
  const passedS = (performance.now() - from) / 1_000;
  return pids.map((pid, at) => ((cpuSeconds(pid) - before[at]!) / passedS) * 100);
}

export async function until(
  what: string,
  probe: () => boolean,
  { everyMs = 5, deadlineMs = 60_000 }: { everyMs?: number; deadlineMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!probe()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await sleep(everyMs);
  }
}

/** CLOCK_MONOTONIC, ns: comparable between processes. */
export function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

export function hasCompiler(): boolean {
  return spawnSync("cc", ["--version"], { stdio: "ignore" }).status === 0;
}

export function compile(source: string, output: string): void {
  execFileSync("cc", ["-O2", "-static", "-o", output, source], { stdio: "inherit" });
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1e6),
    kernel: release(),
    node: process.version,
  };
}
