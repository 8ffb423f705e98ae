// `deploy`: how long a hundred instances of a release that hosts have take to run, from the wish to the last program's
// first instruction, against what two agents alone take for as many; and how long a rollback of four takes.
// Rounds of both alternate in one run, because absolute times on a shared machine are noise.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeployView } from "../protocol/rest.ts";
import { Cluster } from "../test/support/cluster.ts";
import { TestRepo } from "../test/support/cluster-repo.ts";
import { HostRig } from "./host.ts";
import {
  type BenchOptions,
  compile,
  type Figures,
  hasCompiler,
  median,
  monotonicNs,
  round,
  say,
  until,
} from "./measure.ts";
import { readLives } from "./restart/rigs.ts";

const MANY = 100;
const LONG_LIFE_US = 2_000_000_000;
/** Only how long something has to run before it counts as healthy: a rollback waits for no soak. */
const POLICY = { rollout: { soakMs: 500 } };

interface Bench {
  readonly dir: string;
  readonly cluster: Cluster;
  readonly repo: TestRepo;
  readonly full: boolean;
}

const PARTS = { start: deployMany, rollback: rollBackFour } as const;

export async function deploy(options: BenchOptions): Promise<Figures> {
  if (!hasCompiler()) throw new Error("this bench needs a C compiler (cc) for its child");
  const wanted = Object.entries(PARTS).filter(
    ([name]) => options.parts.length === 0 || options.parts.includes(name),
  );
  if (wanted.length === 0) throw new Error(`its parts are ${Object.keys(PARTS).join(", ")}`);
  const dir = mkdtempSync(join(tmpdir(), "coppice-bench-"));
  compile(join(import.meta.dirname, "restart", "tiny.c"), join(dir, "tiny"));
  const repo = new TestRepo({ README: "Nothing to build.\n" });
  const cluster = await Cluster.start({ policy: POLICY, hosts: 2 });
  const figures: Figures = {};
  try {
    const bench = { dir, cluster, repo, full: options.full };
    for (const [, measure] of wanted) Object.assign(figures, await measure(bench));
    return figures;
  } finally {
    await cluster.close();
    repo.remove();
    rmSync(dir, { recursive: true, force: true });
  }
}

function child({ dir }: Bench, file: string): string {
  return `exec ${join(dir, "tiny")} ${join(dir, file)} ${LONG_LIFE_US} 1`;
}

/** From then to the first instruction of the last of a hundred, ms. */
async function lastStart({ dir }: Bench, file: string, from: number): Promise<number> {
  const started = () => readLives(join(dir, file)).filter((life) => life.what === "s");
  await until("all started", () => started().length >= MANY);
  return (started()[MANY - 1]!.ns - from) / 1e6;
}

async function deployMany(bench: Bench): Promise<Figures> {
  const { cluster, dir, repo } = bench;
  const body = { repo: repo.path, stopGraceMs: 1_000 };
  // From then on both hosts have the release of that commit.
  const warm = { ...body, name: "warm", startCommand: "exec sleep 100000", instances: 2 };
  await (await cluster.createWorker(warm)).deployEnded(1);
  const rigs = await Promise.all(
    ["one", "two"].map(async (name) => HostRig.start(mkdtempSync(join(dir, name)))),
  );
  const times = { deploy: [] as number[], agents: [] as number[] };
  try {
    for (let n = 0; n < (bench.full ? 9 : 5); n++) {
      const bareFile = `bare-${n}`;
      const ids = Array.from({ length: MANY / 2 }, (_, i) => `b${n}-${i}`);
      const bareFrom = monotonicNs();
      const all = Promise.all(rigs.map((rig) => rig.want(ids, child(bench, bareFile))));
      times.agents.push(await lastStart(bench, bareFile, bareFrom));
      await all;
      await Promise.all(rigs.map((rig) => rig.wantNone()));

      const file = `deploy-${n}`;
      const from = monotonicNs();
      const asked = { ...body, name: `many-${n}`, startCommand: child(bench, file) };
      const worker = await cluster.createWorker({ ...asked, instances: MANY });
      times.deploy.push(await lastStart(bench, file, from));
      await worker.deployEnded(1, 60_000);
      await worker.delete();
      const gone = () => cluster.programs(`many-${n}`).length === 0;
      await until("all to be gone", gone, { everyMs: 50 });
    }
  } finally {
    await Promise.all(rigs.map((rig) => rig.close()));
  }
  const [deployMs, agentsMs] = [median(times.deploy), median(times.agents)];
  say(
    `${MANY} on 2 hosts: deploy ${deployMs.toFixed(0)} ms, agents alone ${agentsMs.toFixed(0)} ms`,
  );
  return {
    deploy100_vs_agent_start: round(deployMs / agentsMs),
    deploy100_ms: round(deployMs, 1),
    agent_start100_ms: round(agentsMs, 1),
  };
}

/** From the wish to the answer that it is live; both releases lie on both hosts. */
async function rollBackFour(bench: Bench): Promise<Figures> {
  const { cluster, repo } = bench;
  const body = { name: "back", repo: repo.path, instances: 4, stopGraceMs: 1_000 };
  const worker = await cluster.createWorker({ ...body, startCommand: "exec sleep 100000" });
  await worker.deployEnded(1);
  await worker.patch({ startCommand: "exec sleep 100001" });
  await worker.deployEnded((await worker.deploy()).number, 60_000);
  const times: number[] = [];
  for (let n = 0; n < (bench.full ? 21 : 9); n++) {
    const from = performance.now();
    const { number } = await worker.post<DeployView>("rollbacks");
    const path = `${worker.path}/deploys/${number}`;
    for (;;) {
      const { status } = await cluster.api.json<DeployView>(path);
      if (status === "live") break;
      if (status !== "rolling_out" && status !== "queued") throw new Error(`it is ${status}`);
    }
    times.push(performance.now() - from);
    await worker.up(4);
  }
  await worker.delete();
  say(
    `rollback of 4: ${median(times).toFixed(0)} ms median, ${Math.max(...times).toFixed(0)} at most`,
  );
  return { rollback4_ms: round(median(times), 1), rollback4_most_ms: round(Math.max(...times), 1) };
}
