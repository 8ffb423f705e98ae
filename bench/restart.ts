// `restart`: how fast a dead program is back, how fast a hundred start, and what keeper and agent cost meanwhile.
// Rounds of the three rigs alternate in one run, because absolute times on a shared machine are noise.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RestartPolicy } from "../protocol/policy.ts";
import { HostRig } from "./host.ts";
import {
  type BenchOptions,
  compile,
  cpuPercent,
  type Figures,
  hasCompiler,
  median,
  monotonicNs,
  percentile,
  pssMb,
  round,
  say,
  until,
} from "./measure.ts";
import { gapsMs, LineRig, readLives, startBareNode } from "./restart/rigs.ts";

const STARTS_A_ROUND = 10;
/** How long a measured child lives: long enough for its supervisor to be idle again, µs. */
const LIFE_US = 40_000;
/** Looks at the children's file are rare: the other rigs' rounds know none. */
const LOOK_MS = 100;
const LONG_LIFE_US = 2_000_000_000;
const MANY = 100;
/** Memory is read this long after the last start: V8 gives back what it took for it once it is idle for a while. */
const SETTLE_MS = 10_000;
/** The cap of the real policy, s. */
const CAP_SECONDS = 60;

/** A child that lives for a few ms counts as having been up, so each of its restarts comes at once. */
const AT_ONCE: RestartPolicy = { baseMs: 1_000, capMs: 1_000, jitter: 0, resetAfterMs: 5 };

interface Bench {
  readonly dir: string;
  readonly tiny: string;
  readonly host: HostRig;
  readonly full: boolean;
  readonly seconds: number | null;
}

const PARTS = {
  memory,
  restarts,
  start: startMany,
  crash: crashLoop,
  cap: crashLoopAtCap,
} as const;

export async function restart(options: BenchOptions): Promise<Figures> {
  if (!hasCompiler()) throw new Error("this bench needs a C compiler (cc) for its child");
  const wanted = Object.entries(PARTS).filter(
    ([name]) => options.parts.length === 0 || options.parts.includes(name),
  );
  if (wanted.length === 0) throw new Error(`its parts are ${Object.keys(PARTS).join(", ")}`);
  const dir = mkdtempSync(join(tmpdir(), "coppice-bench-"));
  const source = (name: string) => join(import.meta.dirname, "restart", name);
  compile(source("tiny.c"), join(dir, "tiny"));
  compile(source("floor.c"), join(dir, "floor"));
  const host = await HostRig.start(dir);
  const bench: Bench = { dir, tiny: join(dir, "tiny"), host, ...options };
  const figures: Figures = {};
  try {
    say(`containment: ${host.containment}`);
    for (const [, measure] of wanted) Object.assign(figures, await measure(bench));
    return figures;
  } finally {
    await host.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function child(bench: Bench, file: string, lifeUs: number, code = 1): string {
  return `exec ${bench.tiny} ${join(bench.dir, file)} ${lifeUs} ${code}`;
}

async function restarts(bench: Bench): Promise<Figures> {
  const bare = startBareNode(bench.dir, child(bench, "bare", LIFE_US));
  const floor = new LineRig(join(bench.dir, "floor"), [child(bench, "floor-lives", LIFE_US)]);
  const gaps = { keeper: [] as number[], bare: [] as number[], floor: [] as number[] };
  const rounds = bench.full ? 40 : 12;
  for (let n = 0; n < rounds; n++) {
    await bare.ask(`loop ${STARTS_A_ROUND}`);
    await floor.ask(String(STARTS_A_ROUND));
    const file = `keeper-${n}`;
    const command = child(bench, file, LIFE_US);
    await bench.host.ensureAll([{ id: file, command, restart: AT_ONCE }]);
    const done = () => readLives(join(bench.dir, file)).length >= 2 * STARTS_A_ROUND;
    await until("restarts", done, { everyMs: LOOK_MS });
    await bench.host.removeAll([file]);
    gaps.keeper.push(...gapsMs(readLives(join(bench.dir, file))));
  }
  bare.close();
  floor.close();
  // Between rounds the loops stand still, and those gaps are no restarts.
  const withinRounds = (file: string) =>
    gapsMs(readLives(join(bench.dir, file))).filter((_, n) => (n + 1) % STARTS_A_ROUND !== 0);
  gaps.bare = withinRounds("bare");
  gaps.floor = withinRounds("floor-lives");
  for (const [name, values] of Object.entries(gaps)) {
    const [half, most] = [median(values), percentile(values, 0.95)];
    say(`${name}: ${half.toFixed(2)} ms median, ${most.toFixed(2)} ms p95 of ${values.length}`);
  }
  return {
    restart_vs_bare_node: round(median(gaps.keeper) / median(gaps.bare)),
    restart_vs_c_floor: round(median(gaps.keeper) / median(gaps.floor)),
    restart_ms: round(median(gaps.keeper)),
    restart_p95_ms: round(percentile(gaps.keeper, 0.95)),
    bare_node_restart_ms: round(median(gaps.bare)),
    c_floor_restart_ms: round(median(gaps.floor)),
  };
}

/** From the request to the first instruction of the last of a hundred. */
async function startMany(bench: Bench): Promise<Figures> {
  const times = { keeper: [] as number[], bare: [] as number[] };
  for (let n = 0; n < (bench.full ? 9 : 5); n++) {
    const bareFile = `start-bare-${n}`;
    const bare = startBareNode(bench.dir, child(bench, bareFile, LONG_LIFE_US));
    await bare.ask("loop 0");
    times.bare.push(await allStarted(bench, bareFile, () => bare.ask(`start ${MANY}`)));
    await bare.ask("kill");
    bare.close();

    const file = `start-keeper-${n}`;
    const ids = idsOf(`s${n}-`, MANY);
    const command = child(bench, file, LONG_LIFE_US);
    const instances = ids.map((id) => ({ id, command }));
    times.keeper.push(await allStarted(bench, file, () => bench.host.ensureAll(instances)));
    await bench.host.removeAll(ids);
  }
  say(
    `start of ${MANY}: keeper ${median(times.keeper).toFixed(0)} ms, bare Node ${median(times.bare).toFixed(0)} ms`,
  );
  return {
    start100_vs_bare_node: round(median(times.keeper) / median(times.bare)),
    start100_ms: round(median(times.keeper), 1),
    bare_node_start100_ms: round(median(times.bare), 1),
  };
}

async function allStarted(bench: Bench, file: string, start: () => Promise<void>): Promise<number> {
  const from = monotonicNs();
  await start();
  await until("all started", () => readLives(join(bench.dir, file)).length >= MANY);
  return (readLives(join(bench.dir, file))[MANY - 1]!.ns - from) / 1e6;
}

async function memory(bench: Bench): Promise<Figures> {
  const { host } = bench;
  const figures: Figures = {};
  const command = child(bench, "memory", LONG_LIFE_US);
  const ids = idsOf("m", MANY);
  for (const count of [1, 10, MANY]) {
    await host.want(ids.slice(0, count), command);
    await sleep(SETTLE_MS);
    const [keeper, agent] = [pssMb(host.keeper.pid!), pssMb(host.agent.pid!)];
    figures[`pss_mb_at_${count}`] = round(keeper + agent, 1);
    figures[`keeper_pss_mb_at_${count}`] = round(keeper, 1);
    figures[`agent_pss_mb_at_${count}`] = round(agent, 1);
    say(`${count} instances: keeper ${keeper.toFixed(1)} + agent ${agent.toFixed(1)} MB PSS`);
  }
  await host.wantNone();
  const bare = startBareNode(bench.dir, command);
  await bare.ask(`start ${MANY}`);
  await sleep(SETTLE_MS);
  figures.bare_node_pss_mb_at_100 = round(pssMb(bare.process.pid!), 1);
  say(`bare Node with ${MANY} children: ${figures.bare_node_pss_mb_at_100} MB PSS`);
  await bare.ask("kill");
  bare.close();
  return figures;
}

/** A hundred that crash at once and for ever, under the real policy, from the first start on. */
async function crashLoop(bench: Bench): Promise<Figures> {
  const { host } = bench;
  const seconds = bench.seconds ?? (bench.full ? 300 : 20);
  const measured = cpuPercent(host.pids(), seconds);
  await host.want(idsOf("c", MANY), child(bench, "crash", 0));
  const [keeper = 0, agent = 0] = await measured;
  const pss = host.pids().reduce((sum, pid) => sum + pssMb(pid), 0);
  await host.wantNone();
  const starts = readLives(join(bench.dir, "crash")).filter((life) => life.what === "s").length;
  say(
    `crash loop, first ${seconds} s: keeper ${keeper.toFixed(2)} + agent ${agent.toFixed(2)} % of a core, ${starts} starts`,
  );
  return {
    crash_loop_cpu_pct: round(keeper + agent),
    crash_loop_keeper_cpu_pct: round(keeper),
    crash_loop_agent_cpu_pct: round(agent),
    crash_loop_seconds: seconds,
    pss_mb_after_crash_loop: round(pss, 1),
  };
}

/** Once each waits for the cap. The short version uses a tenth of the cap and counts a tenth of the cost. */
async function crashLoopAtCap(bench: Bench): Promise<Figures> {
  const { host } = bench;
  const scale = bench.full ? 1 : 10;
  const capMs = (CAP_SECONDS * 1_000) / scale;
  const restartAtCap = { baseMs: capMs, capMs, jitter: 0.25, resetAfterMs: 600_000 };
  const ids = idsOf("k", MANY);
  const command = child(bench, "cap", 0);
  await host.ensureAll(ids.map((id) => ({ id, command, restart: restartAtCap })));
  // The first restart comes at once; the second after one cap, and from then on they are spread.
  await sleep(capMs * 1.3);
  const percents = await cpuPercent(host.pids(), (2 * capMs) / 1_000);
  const [keeper = 0, agent = 0] = percents.map((percent) => percent / scale);
  await host.removeAll(ids);
  say(`crash loop at the cap: keeper ${keeper.toFixed(3)} + agent ${agent.toFixed(3)} % of a core`);
  return {
    crash_loop_cap_cpu_pct: round(keeper + agent),
    crash_loop_cap_keeper_cpu_pct: round(keeper),
    crash_loop_cap_agent_cpu_pct: round(agent),
  };
}

function idsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}${n}`);
}
