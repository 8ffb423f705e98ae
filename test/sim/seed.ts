// One seed from its beginning to its end: a world is made, things happen to it, then the faults stop, and all must be well.
import { setSim } from "./kernel/sim.ts";
import { setCalm } from "./machine/programs.ts";
import { People } from "./people.ts";
import type { Product } from "./product.ts";
import { clearAll, makeWorld, type World } from "./world.ts";

export interface SeedResult {
  readonly seed: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly hash: string;
  readonly faults: ReadonlyMap<string, number>;
  readonly violation: { readonly invariant: string; readonly message: string } | null;
  readonly lines: readonly string[];
}

export async function runSeed(
  seed: number,
  options: { readonly product: Product; readonly steps: number; readonly print: boolean },
): Promise<SeedResult> {
  clearAll();
  const world = makeWorld(seed, options.product, options.print);
  setSim(world.sim);
  try {
    await live(world, options.steps);
  } finally {
    setSim(null);
  }
  const { sim } = world;
  return {
    seed,
    steps: sim.steps,
    simulatedMs: sim.now,
    hash: sim.hash(),
    faults: world.faults,
    violation: sim.violation,
    lines: sim.lines,
  };
}

async function live(world: World, steps: number): Promise<void> {
  const { sim, random } = world;
  const people = new People(world);
  for (let i = random.int(2, 4); i > 0; i--) people.join(world.addHost(random.int(3, 6)));
  people.createWorker();
  const cron = () => {
    people.sweep();
    sim.after(60_000, sim.nature, cron);
  };
  sim.after(random.int(0, 60_000), sim.nature, cron);
  await sim.run(120_000, () => sim.steps >= steps);
  if (process.env.SIM_DUMP) dump(world);
  setCalm(true);
}

export function dump(world: World): void {
  for (const object of world.objects.values()) {
    if (object.kind !== "worker") continue;
    for (const table of ["meta", "deploys", "instances", "events", "agenda", "hosts"])
      process.stdout.write(`${table} ${JSON.stringify(object.db.all(`SELECT * FROM ${table}`)).slice(0, 1500)}\n`);
  }
  process.stdout.write(JSON.stringify(world.d1.db.all("SELECT * FROM host_projections")) + "\n");
}
