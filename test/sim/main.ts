// The simulation's command line: `npm run sim -- --seeds 10000`. See docs/simulation.md.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { loadIntoWorld } from "./hooks.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";

const { values } = parseArgs({
  options: {
    /** How many, from which on; or for how long. Without --from, --seconds begins anywhere. */
    seeds: { type: "string" },
    from: { type: "string" },
    seconds: { type: "string" },
    /** One alone. */
    seed: { type: "string" },
    /** Events before the faults stop, at least. */
    steps: { type: "string", default: "500" },
    /** How long the faults of the longest seeds go on; others have half and an eighth of it. */
    minutes: { type: "string", default: "1" },
    /** Processes. */
    jobs: { type: "string", default: "1" },
    /** Does not stop at the first that breaks something. */
    all: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    /** All planted bugs, or one by its name. */
    mutants: { type: "boolean", default: false },
    mutant: { type: "string" },
    /** The worlds of that planted bug, without the bug: they must hold. */
    like: { type: "string" },
    /** Worlds with that kind of fault alone. */
    fault: { type: "string" },
    /** One of several processes. */
    job: { type: "boolean", default: false },
    stride: { type: "string", default: "1" },
  },
});

/** Far from those that are looked at each time, and short to type. */
const FRESH_FROM = 1_000_000;
const FRESH_TO = 1_000_000_000;

const number = (text: string | undefined, otherwise: number) =>
  text === undefined ? otherwise : Number(text);

function find(name: string | undefined): Mutant | null {
  const found = MUTANTS.find((one) => one.name === name) ?? null;
  if (name !== undefined && found === null) throw new Error(`there is no planted bug "${name}"`);
  return found;
}

function firstSeed(): number {
  if (values.seed !== undefined) return Number(values.seed);
  if (values.from !== undefined) return Number(values.from);
  if (values.seconds === undefined || values.seeds !== undefined) return 1;
  const from = randomInt(FRESH_FROM, FRESH_TO);
  process.stdout.write(`fresh seeds from ${from} on (the same again: --from ${from})\n`);
  return from;
}

if (values.mutants) {
  const { runMutants } = await import("./planted.ts");
  process.exitCode = await runMutants(number(values.seeds, 400), values);
} else {
  const mutant = find(values.mutant);
  const like = mutant ?? find(values.like);
  const isPlanted = loadIntoWorld(mutant);
  const { campaign, sayTally } = await import("./campaign.ts");
  const many = number(values.seeds, values.seconds === undefined ? 100 : 1e9);
  const options = {
    from: firstSeed(),
    stride: Number(values.stride),
    seeds: values.seed === undefined ? many : 1,
    seconds: number(values.seconds, 1e9),
    steps: Number(values.steps),
    minutes: Number(values.minutes),
    print: values.trace,
    all: values.all,
    mutant,
    like,
    fault: values.fault ?? null,
  };
  const { campaignInJobs, TALLY } = await import("./jobs.ts");
  const jobs = Number(values.jobs);
  const begun = performance.now();
  const tally = await (jobs > 1 ? campaignInJobs(options, jobs) : campaign(options));
  if (jobs === 1 && !isPlanted())
    throw new Error(`"${mutant?.name}" was not planted: its file was never loaded`);
  if (values.job) process.stdout.write(`${TALLY}${JSON.stringify(tally)}\n`);
  else process.exitCode = sayTally(tally, (performance.now() - begun) / 1_000);
}
