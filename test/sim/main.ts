// The simulation's command line: `npm run sim -- --seeds 10000`. See docs/simulation.md.
import { parseArgs } from "node:util";
import { loadIntoWorld } from "./hooks.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seconds: { type: "string" },
    steps: { type: "string", default: "1500" },
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    mutant: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
loadIntoWorld(null);
const { loadProduct } = await import("./product.ts");
const { enterWorld } = await import("./kernel/globals.ts");
const { runSeed } = await import("./seed.ts");
const product = await loadProduct();
const leave = enterWorld();
const result = await runSeed(Number(values.seed ?? 1), { product, steps: Number(values.steps), print: values.trace });
leave();
console.log(result.hash, result.steps, result.simulatedMs, result.violation, result.faults);
