// Many seeds one after the other, until one fails, the number is reached or the time is over; then the figures.
import { FAULT_KINDS } from "./faults.ts";
import { enterWorld } from "./kernel/globals.ts";
import { loadProduct } from "./product.ts";
import { runSeed, type SeedResult } from "./seed.ts";

export interface CampaignOptions {
  readonly from: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly steps: number;
  readonly print: boolean;
  /** The bug that was planted, to be named in the command that shows it again. */
  readonly mutant: string | null;
}

const SHOWN_LINES = 60;
/** With fewer seeds a rare kind may not have had its chance. */
const ENOUGH_SEEDS = 200;

/** The exit code. */
export async function campaign(options: CampaignOptions): Promise<number> {
  const product = await loadProduct();
  const begun = performance.now();
  const usedBefore = process.cpuUsage();
  const totals = new Map<string, number>(FAULT_KINDS.map(({ name }) => [name, 0]));
  let seeds = 0;
  let steps = 0;
  let simulatedMs = 0;
  let failed: SeedResult | null = null;
  const leave = enterWorld();
  try {
    while (seeds < options.seeds && performance.now() - begun < options.seconds * 1_000) {
      const result = await runSeed(options.from + seeds, {
        product,
        steps: options.steps,
        print: options.print,
      });
      if (process.env.SIM_EACH)
        process.stdout.write(
          `${result.seed} ${result.steps} ${Math.round(result.simulatedMs / 1000)}s ${result.violation?.invariant ?? ""} ${Math.round(performance.now() - begun)}\n`,
        );
      seeds += 1;
      steps += result.steps;
      simulatedMs += result.simulatedMs;
      for (const [name, count] of result.faults) totals.set(name, (totals.get(name) ?? 0) + count);
      if (options.seeds === 1) process.stdout.write(`seed ${result.seed}: trace ${result.hash}\n`);
      if (result.violation !== null) {
        failed = result;
        break;
      }
    }
  } finally {
    leave();
  }
  const seconds = (performance.now() - begun) / 1_000;
  const used = process.cpuUsage(usedBefore);
  const cpuSeconds = (used.user + used.system) / 1_000_000;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  for (const [name, count] of [...totals].sort(([, a], [, b]) => b - a))
    say(`${String(count).padStart(8)}  ${name}`);
  say(
    `${seeds} seeds, ${steps} steps (${Math.round(steps / seeds)} each), ${(simulatedMs / 3_600_000).toFixed(1)} simulated hours in ${seconds.toFixed(1)} s: ${(seeds / seconds).toFixed(1)} seeds/s (${(seeds / cpuSeconds).toFixed(1)} per second of processor)`,
  );
  if (failed !== null) {
    if (!options.print) for (const line of failed.lines.slice(-SHOWN_LINES)) say(line);
    say(`\nseed ${failed.seed} broke ${failed.violation?.invariant}: ${failed.violation?.message}`);
    say(
      `see it again: npm run sim -- --seed ${failed.seed} --steps ${options.steps}${options.mutant === null ? "" : ` --mutant "${options.mutant}"`} --trace`,
    );
    return 1;
  }
  const unused = [...totals].filter(([, count]) => count === 0).map(([name]) => name);
  if (seeds >= ENOUGH_SEEDS && unused.length > 0) {
    say(`never fired: ${unused.join(", ")}`);
    return 1;
  }
  return 0;
}
