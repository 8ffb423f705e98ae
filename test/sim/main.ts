// The simulation's command line: `npm run sim -- --seeds 10000`. See docs/simulation.md.
import { parseArgs } from "node:util";
import { loadIntoWorld } from "./hooks.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seconds: { type: "string" },
    steps: { type: "string", default: "800" },
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    mutants: { type: "boolean", default: false },
    mutant: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
loadIntoWorld(null);
const { campaign } = await import("./campaign.ts");
process.exitCode = await campaign({
  from: Number(values.seed ?? values.from),
  seeds: values.seed === undefined ? Number(values.seeds ?? (values.seconds ? 1e9 : 100)) : 1,
  seconds: Number(values.seconds ?? 1e9),
  steps: Number(values.steps),
  print: values.trace,
});
