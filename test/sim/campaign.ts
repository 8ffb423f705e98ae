// Many seeds one after the other, until one fails, the number is reached or the time is over; then the figures.
import { FAULT_KINDS } from "./faults.ts";
import { enterWorld } from "./kernel/globals.ts";
import type { Mutant } from "./mutants.ts";
import { loadProduct } from "./product.ts";
import { runSeed, type SeedResult } from "./seed.ts";

export interface CampaignOptions {
  readonly from: number;
  /** From one seed to the next: several processes share the seeds. */
  readonly stride: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly steps: number;
  readonly minutes: number;
  readonly print: boolean;
  /** Goes on after a seed that broke something. */
  readonly all: boolean;
  /** The bug that was planted. */
  readonly mutant: Mutant | null;
  /** Whose worlds these are: that bug's, or of one that was not planted. */
  readonly like: Mutant | null;
  /** The only kind of fault in these worlds. */
  readonly fault: string | null;
}

/** What a campaign came to; those of several processes are added up. */
export interface Tally {
  readonly seeds: number;
  readonly steps: number;
  /** Of the seed with the fewest. */
  readonly fewestSteps: number;
  readonly simulatedMs: number;
  readonly programs: number;
  readonly cpuMs: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly seed: number;
  readonly invariant: string;
  readonly message: string;
  readonly again: string;
}

const SHOWN_LINES = 60;
/** With fewer seeds a rare kind may not have had its chance. */
const ENOUGH_SEEDS = 200;
/** So many worlds of its own a kind gets that never fired among the others, and how long lies between two of it. */
const OWN_SEEDS = 20;
const OWN_EACH_MS = 6_000;

const say = (text: string) => process.stdout.write(`${text}\n`);

export const NOTHING: Tally = {
  seeds: 0,
  steps: 0,
  fewestSteps: Number.MAX_SAFE_INTEGER,
  simulatedMs: 0,
  programs: 0,
  cpuMs: 0,
  faults: Object.fromEntries(FAULT_KINDS.map(({ name }) => [name, 0])),
  failures: [],
};

/** Ends after the present seed where it is told to by a signal; what it has seen counts. */
export async function campaign(options: CampaignOptions): Promise<Tally> {
  const product = await loadProduct();
  const { fault: named } = options;
  if (named !== null && !FAULT_KINDS.some(({ name }) => name === named))
    throw new Error(`there is no kind of fault "${named}"; each campaign prints them`);
  const begun = performance.now();
  const usedBefore = process.cpuUsage();
  let tally = NOTHING;
  let asked = false;
  const isUp = () => asked || (!options.all && tally.failures.length > 0);
  const look = async (seed: number, fault: string | null) => {
    const own = fault === null ? null : { faults: [fault], eachMs: OWN_EACH_MS };
    const { minutes, print, steps } = options;
    const provoke = own ?? options.like?.provoke ?? null;
    const result = await runSeed(seed, { product, steps, minutes, print, provoke });
    if (options.seeds === 1) say(`seed ${result.seed}: trace ${result.hash}`);
    if (result.violation !== null && !print)
      for (const line of result.lines.slice(-SHOWN_LINES)) say(line);
    tally = add(tally, tallyOf(result, { ...options, fault }));
    const failure = tally.failures.at(-1);
    if (result.violation !== null && failure) sayFailure(failure);
  };
  const end = () => {
    asked = true;
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, end);
  const leave = enterWorld();
  try {
    while (
      !isUp() &&
      tally.seeds < options.seeds &&
      performance.now() - begun < options.seconds * 1_000
    )
      await look(options.from + tally.seeds * options.stride, options.fault);
    // One process alone knows what never fired; of several, the rarest is left to chance and to `--fault`.
    const isWhole = options.like === null && options.fault === null && options.stride === 1;
    const rare = isWhole && tally.seeds >= ENOUGH_SEEDS ? neverFired(tally) : [];
    for (const name of rare) {
      for (let n = 0; n < OWN_SEEDS && !isUp() && tally.faults[name] === 0; n++)
        await look(options.from + n, name);
    }
  } finally {
    leave();
  }
  const used = process.cpuUsage(usedBefore);
  return { ...tally, cpuMs: (used.user + used.system) / 1_000 };
}

function tallyOf(result: SeedResult, options: CampaignOptions): Tally {
  const { fault, like, mutant, steps, minutes } = options;
  const { seed, violation } = result;
  const alone = fault === null ? "" : ` --fault "${fault}"`;
  const planted = like === null ? "" : ` --${mutant ? "mutant" : "like"} "${like.name}"`;
  const again = `npm run sim -- --seed ${seed} --steps ${steps} --minutes ${minutes}${planted}${alone} --trace`;
  return {
    ...NOTHING,
    seeds: 1,
    steps: result.steps,
    fewestSteps: result.steps,
    simulatedMs: result.simulatedMs,
    programs: result.programs,
    faults: Object.fromEntries(result.faults),
    failures: violation === null ? [] : [{ seed, ...only(violation), again }],
  };
}

const only = ({
  invariant,
  message,
}: {
  readonly invariant: string;
  readonly message: string;
}) => ({
  invariant,
  message,
});

export function add(a: Tally, b: Tally): Tally {
  const faults = { ...a.faults };
  for (const [name, count] of Object.entries(b.faults)) faults[name] = (faults[name] ?? 0) + count;
  return {
    seeds: a.seeds + b.seeds,
    steps: a.steps + b.steps,
    fewestSteps: Math.min(a.fewestSteps, b.fewestSteps),
    simulatedMs: a.simulatedMs + b.simulatedMs,
    programs: a.programs + b.programs,
    cpuMs: a.cpuMs + b.cpuMs,
    faults,
    failures: [...a.failures, ...b.failures],
  };
}

const neverFired = ({ faults }: Tally) =>
  Object.entries(faults).flatMap(([name, count]) => (count === 0 ? [name] : []));

export function sayFailure({ seed, invariant, message, again }: Failure): void {
  say(`\nseed ${seed} broke ${invariant}: ${message}`);
  say(`see it again: ${again}`);
}

/** Prints the figures, and what they come to as the last line; gives the exit code. */
export function sayTally(tally: Tally, seconds: number): number {
  const { cpuMs, failures, seeds, simulatedMs, steps } = tally;
  for (const [name, count] of Object.entries(tally.faults).sort(([, a], [, b]) => b - a))
    say(`${String(count).padStart(8)}  ${name}`);
  const perSeed = `${Math.round(steps / seeds)} each, ${tally.fewestSteps} at least`;
  const hours = (simulatedMs / 3_600_000).toFixed(1);
  const perCpu = (seeds / (cpuMs / 1_000)).toFixed(1);
  say(
    `${seeds} seeds, ${steps} steps (${perSeed}), ${hours} simulated hours, ${tally.programs} programs in ${seconds.toFixed(1)} s: ${(seeds / seconds).toFixed(1)} seeds/s (${perCpu} per second of processor)`,
  );
  const unused = neverFired(tally);
  if (failures.length > 0) {
    for (const failure of failures) sayFailure(failure);
    say(`FAILED: ${failures.length} of ${seeds} seeds broke an invariant`);
    return 1;
  }
  if (seeds === 0 || tally.programs < seeds) {
    say("FAILED: fewer programs ran than there were worlds: nothing was tried");
    return 1;
  }
  if (seeds >= ENOUGH_SEEDS && unused.length > 0) {
    say(`FAILED: kinds of fault that never fired: ${unused.join(", ")}`);
    return 1;
  }
  say(`ok: ${seeds} seeds, no invariant broken`);
  return 0;
}
