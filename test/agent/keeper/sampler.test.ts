// Looking at the memory of many costs one look at the machine; and a start costs none.
import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { makeBestEffortFence } from "../../../agent/keeper/best-effort-fence.ts";
import { Limiter } from "../../../agent/keeper/limiter.ts";
import { descendantsOf, readStat } from "../../../agent/keeper/procfs.ts";
import { SAMPLE_MS } from "../../../agent/keeper/sampler.ts";
import type { World } from "../../../agent/keeper/world.ts";
import { fullId, instanceOf, until } from "./support.ts";

let scans = 0;
vi.mock("../../../agent/keeper/procfs.ts", async (original) => {
  const real = await original<typeof import("../../../agent/keeper/procfs.ts")>();
  const listPids = () => {
    scans++;
    return real.listPids();
  };
  return { ...real, listPids };
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of children.splice(0)) if (pid !== undefined) process.kill(-pid, "SIGKILL");
});

/** A program of two processes, the second in a session of its own; its leader. */
function program(id: string) {
  const env = { PATH: "/usr/bin:/bin", COPPICE_INSTANCE: fullId(id) };
  const script = "setsid sleep 1000 & sleep 1000";
  const child = spawn("/bin/sh", ["-c", script], { env, detached: true, stdio: "ignore" });
  children.push(child);
  const pid = child.pid ?? 0;
  return { pid, born: readStat(pid)?.born ?? 0, reaped: false };
}

test("all that are watched are found in one pass, each with its own", async () => {
  const fence = makeBestEffortFence();
  const held = ["a", "b", "c"].map((id) => ({ instanceId: fullId(id), leader: program(id) }));
  const found = await until("all of them", () => {
    const sets = fence.pids(held);
    return sets.every((pids) => pids.length === 3) && sets;
  });
  expect(new Set(found.flat()).size).toBe(9);
  for (const [at, { leader }] of held.entries()) expect(found[at]).toContain(leader.pid);

  const timers: (() => void)[] = [];
  const after: World["after"] = (delayMs, run) => {
    expect(delayMs).toBe(SAMPLE_MS);
    timers.push(run);
    return () => {};
  };
  const world = { after } as World;
  const inForce = { memory: "sampled", cpus: "none", pids: "none", openFiles: "none" } as const;
  const limiter = new Limiter({ world, fence, base2: null, bases1: new Map(), inForce });
  const over: string[] = [];
  for (const { instanceId, leader } of held) {
    const memoryBytes = instanceId === fullId("b") ? 1 : 2 ** 40;
    const limits = { memoryBytes, cpus: null, pids: null, openFiles: null };
    const instance = instanceOf("", { instanceId, limits });
    limiter.watch(instance, leader, () => over.push(instanceId));
  }
  scans = 0;
  timers.shift()?.();
  expect([scans, over]).toEqual([1, [fullId("b")]]);
});

test("what a program has forked so far is found from its leader alone", async () => {
  const { pid } = program("d");
  scans = 0;
  const found = await until("both children", () => {
    const below = descendantsOf(pid);
    return below === null || (below.length === 2 && below);
  });
  expect(found).toSatisfy((all: true | number[]) => all === true || !all.includes(pid));
  expect(scans).toBe(0);
});
