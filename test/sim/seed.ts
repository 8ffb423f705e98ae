// One seed from its beginning to its end: a world is made, things happen to it, then the faults stop, and all must be well.

import { ROLLOUTS } from "../../protocol/spec.ts";
import { Peace } from "./checks/peace.ts";
import { Truth } from "./checks/truth.ts";
import { endFaults, FAULT_KINDS } from "./faults.ts";
import { setSim } from "./kernel/sim.ts";
import type { Host } from "./machine/host.ts";
import { history } from "./machine/processes.ts";
import { LASTING, setCalm } from "./machine/programs.ts";
import type { Provocation } from "./mutants.ts";
import { People, type UserWorker } from "./people.ts";
import type { Product } from "./product.ts";
import { clearAll, makeWorld, type World } from "./world.ts";

export interface SeedResult {
  readonly seed: number;
  readonly steps: number;
  readonly simulatedMs: number;
  /** That began. */
  readonly programs: number;
  readonly hash: string;
  readonly faults: ReadonlyMap<string, number>;
  readonly violation: { readonly invariant: string; readonly message: string } | null;
  readonly lines: readonly string[];
}

export interface SeedOptions {
  readonly product: Product;
  /** Events until the faults stop, at least; some seeds go on for minutes. */
  readonly steps: number;
  /** How long the faults of the longest seeds go on. */
  readonly minutes: number;
  readonly print: boolean;
  /** These faults and no others, instead of the seed's own choice. */
  readonly provoke: Provocation | null;
}

export async function runSeed(seed: number, options: SeedOptions): Promise<SeedResult> {
  clearAll();
  const world = makeWorld(seed, options.product, options.print);
  setSim(world.sim);
  try {
    await live(world, options);
  } finally {
    setSim(null);
  }
  const { sim } = world;
  return {
    seed,
    steps: sim.steps,
    simulatedMs: sim.now,
    programs: history.length,
    hash: sim.hash(),
    faults: world.faults,
    violation: sim.violation,
    lines: sim.lines,
  };
}

/** Exactly N by then; and no back-off is longer than its cap and its jitter. */
const SETTLE_MS = 180_000;
const BACKOFF_MS = 76_000;
/** Of rest, at least; and then between two looks. */
const LEAST_MS = 60_000;
const LOOK_MS = 10_000;
/** By then every deploy has met one of its deadlines. */
const DEPLOYS_END_MS = 3_600_000;

async function live(world: World, { steps, minutes, provoke }: SeedOptions): Promise<void> {
  const { sim } = world;
  new Truth(world);
  const peace = new Peace(world);
  const people = new People(world);
  begin(world, people, provoke);
  const longestMs = (provoke?.minutes ?? minutes) * 60_000;
  const chaosMs = world.random.pick([0.125, 0.5, 1]) * longestMs;
  const reaped = () => {
    for (const host of world.hosts) host.reap();
    return false;
  };
  await sim.run(
    Number.MAX_SAFE_INTEGER,
    () => reaped() || (sim.steps >= steps && sim.now >= chaosMs),
  );
  sim.trace("--- the faults stop");
  isOver.add(world);
  setCalm(true);
  endFaults(world);
  await calmDown(world, peace, reaped);
}

/** Looks again and again until all is well, and stays so for a while; or it took too long. */
async function calmDown(world: World, peace: Peace, each: () => boolean): Promise<void> {
  const { sim } = world;
  const within = async (check: "counts" | "all", limitMs: number) => {
    const end = sim.now + limitMs;
    for (;;) {
      await sim.run(Math.min(end, sim.now + LOOK_MS), each);
      if (sim.violation !== null) return;
      const broken = peace.ask(check);
      if (broken === null) return;
      if (sim.now >= end) sim.fail(broken.invariant, broken.message);
    }
  };
  await sim.run(sim.now + LEAST_MS, each);
  await within("counts", SETTLE_MS + BACKOFF_MS - LEAST_MS);
  const end = sim.now + DEPLOYS_END_MS;
  while (sim.violation === null && sim.now < end && !peace.allEnded)
    await sim.run(sim.now + LOOK_MS, each);
  await within("all", SETTLE_MS + BACKOFF_MS);
}

const isOver = new WeakSet<World>();

function begin(world: World, people: People, provoke: Provocation | null): void {
  const { sim, random } = world;
  for (let i = random.int(2, 4); i > 0; i--) people.join(world.addHost(random.int(3, 6)));
  for (let i = random.int(1, 3); i > 0; i--) people.createWorker();
  const cron = () => {
    people.sweep();
    sim.after(60_000, sim.nature, cron);
  };
  sim.after(random.int(0, 60_000), sim.nature, cron);
  // Some kinds of fault, not all: a rare one is not always buried under the common ones.
  const share = random.pick([0, 0.15, 0.3, 0.6, 1]);
  const chosen = FAULT_KINDS.filter(() => random.chance(share));
  const provoked = FAULT_KINDS.filter(({ name }) => provoke?.faults.includes(name));
  const kinds = (provoke === null ? chosen : provoked).map((one) => [one.weight, one] as const);
  const pauseMs = provoke?.eachMs ?? random.pick([6_000, 20_000, 60_000]);
  const weather = world.random.fork("weather");
  const strike = () => {
    if (isOver.has(world)) return;
    const kind = weather.weighted(kinds);
    if (kind.strike(world, weather)) {
      world.count(kind.name);
      sim.trace(`*** ${kind.name}`);
    }
    sim.after(weather.skewed(200, pauseMs), sim.nature, strike);
  };
  if (kinds.length > 0) sim.after(weather.int(0, 20_000), sim.nature, strike);
  const wishes = world.random.fork("wishes");
  const wishMs = provoke?.wishMs ?? wishes.pick([15_000, 60_000]);
  const wish = () => {
    if (isOver.has(world)) return;
    wishOnce(world, people);
    sim.after(wishes.skewed(300, wishMs), sim.nature, wish);
  };
  sim.after(wishes.int(5_000, 20_000), sim.nature, wish);
}

function wishOnce(world: World, people: People): void {
  const { random } = world;
  const living = people.workers.filter((one) => !one.isDeleted);
  const worker = living.length > 0 ? random.pick(living) : null;
  const on = (act: (one: UserWorker) => void) => () => {
    if (worker) act(worker);
  };
  const hosts = world.hosts.filter((one) => !one.isOut);
  const onHost = (act: (one: Host) => void) => () => {
    if (hosts.length > 0) act(random.pick(hosts));
  };
  random.weighted<() => void>([
    [people.workers.length < 4 ? 2 : 0, () => people.createWorker()],
    [3, on((one) => people.patch(one, { instances: random.int(0, 4) }))],
    [2, on((one) => people.stop(one))],
    [3, on((one) => people.start(one))],
    [3, on((one) => people.deploy(one))],
    [2, on((one) => people.release(one, random.pick(LASTING)))],
    [2, on((one) => people.release(one, "poison"))],
    [2, on((one) => people.restart(one))],
    [2, on((one) => people.cancel(one))],
    [1.5, on((one) => people.rollback(one))],
    [0.7, on((one) => people.patch(one, { rollout: random.pick(ROLLOUTS) }))],
    [1, on((one) => people.delete(one))],
    [1, onHost((one) => people.cordon(one, random.chance(0.4)))],
    [1, onHost((one) => people.drain(one, random.chance(0.5)))],
    [0.5, () => people.thaw()],
    [
      world.hosts.filter((one) => !one.isOut).length > 3 ? 0.4 : 0,
      onHost((one) => people.removeHost(one)),
    ],
    [world.hosts.length < 6 ? 1 : 0, () => people.join(world.addHost(random.int(2, 6)))],
  ])();
}
