// A program that writes down when it runs: each process of it, a `setsid` child too, appends a tick to a shared file
// every 20 ms. From the file: who ran when, and whether two instances ever ran at once.
import { readFileSync } from "node:fs";

/** Of a worker's repository. `TICKS` names the file. */
export const TICKER = `
import { appendFileSync } from "node:fs";
import { spawn } from "node:child_process";
const { COPPICE_GENERATION, COPPICE_SLOT, TICKS } = process.env;
const child = process.argv[2] === "child";
process.on("SIGTERM", () => { if (process.env.STUBBORN !== "1") process.exit(0); });
if (!child) spawn(process.execPath, [process.argv[1], "child"], { detached: true, stdio: "ignore" }).unref();
const clock = () => Number(process.hrtime.bigint() / 1000n) / 1000;
setInterval(() => {
  appendFileSync(TICKS, [clock().toFixed(3), COPPICE_SLOT, COPPICE_GENERATION, process.pid, child ? "child" : "main"].join(" ") + "\\n");
}, 20);
`;

export interface Run {
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
  /** ms on the machine's monotonic clock. */
  readonly from: number;
  readonly to: number;
}

/** One run per process, in order of its first tick. */
export function runsOf(path: string): Run[] {
  const runs = new Map<string, Run>();
  for (const line of readFileSync(path, "utf8").trim().split("\n")) {
    const [at, slot, generation, pid] = line.split(" ").map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const key = `${pid}/${generation}`;
    const known = runs.get(key);
    runs.set(key, known ? { ...known, to: at } : { slot, generation, pid, from: at, to: at });
  }
  return [...runs.values()].sort((a, b) => a.from - b.from);
}

/** Pairs of runs of one slot that were of different instances and overlapped. */
export function overlaps(runs: readonly Run[]): [Run, Run][] {
  return runs.flatMap((a, i) =>
    runs
      .slice(i + 1)
      .filter(
        (b) =>
          a.slot === b.slot && a.generation !== b.generation && b.from <= a.to && a.from <= b.to,
      )
      .map((b): [Run, Run] => [a, b]),
  );
}
