// The simulation's command line: `npm run sim -- --seeds 10000`. See docs/simulation.md.
import { parseArgs } from "node:util";
import { loadIntoWorld } from "./hooks.ts";
import { MUTANTS } from "./mutants.ts";

const { values } = parseArgs({
  options: {
    /** How many, from which on; or for how long. */
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    seconds: { type: "string" },
    /** One alone. */
    seed: { type: "string" },
    /** Events before the faults stop, at least. */
    steps: { type: "string", default: "800" },
    trace: { type: "boolean", default: false },
    /** All planted bugs, or one by its name. */
    mutants: { type: "boolean", default: false },
    mutant: { type: "string" },
  },
});

const number = (text: string | undefined, otherwise: number) =>
  text === undefined ? otherwise : Number(text);

if (values.mutants) {
  const { runMutants } = await import("./planted.ts");
  process.exitCode = await runMutants(number(values.seeds, 400), values.steps);
} else {
  const mutant = MUTANTS.find(({ name }) => name === values.mutant) ?? null;
  if (values.mutant !== undefined && mutant === null)
    throw new Error(`there is no planted bug "${values.mutant}"`);
  const isPlanted = loadIntoWorld(mutant);
  const { campaign } = await import("./campaign.ts");
  const code = await campaign({
    from: number(values.seed ?? values.from, 1),
    seeds:
      values.seed === undefined
        ? number(values.seeds, values.seconds === undefined ? 100 : 1e9)
        : 1,
    seconds: number(values.seconds, 1e9),
    steps: Number(values.steps),
    print: values.trace,
    mutant: mutant?.name ?? null,
  });
  if (!isPlanted()) throw new Error(`"${mutant?.name}" was not planted: its file was never loaded`);
  process.exitCode = code;
}
