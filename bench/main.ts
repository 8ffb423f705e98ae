// `npm run bench -- NAME [PART…] [--json] [--full] [--seconds N]`: progress on stderr, figures on stdout.
import { parseArgs } from "node:util";
import { type BenchOptions, type Figures, machine } from "./measure.ts";

/** Loaded when asked for: each bench may need things that the others don't. */
const BENCHES: Readonly<
  Record<string, () => Promise<(options: BenchOptions) => Promise<Figures>>>
> = {
  restart: async () => (await import("./restart.ts")).restart,
  deploy: async () => (await import("./deploy.ts")).deploy,
  status: async () => (await import("./status.ts")).status,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    seconds: { type: "string" },
  },
});
const [name = "", ...parts] = positionals;
const load = BENCHES[name];
if (load === undefined) {
  process.stderr.write(
    `usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [PART…] [--json] [--full] [--seconds N]\n`,
  );
  process.exit(2);
}
const seconds = values.seconds === undefined ? null : Number(values.seconds);
const bench = await load();
const figures = await bench({ full: values.full, seconds, parts });
if (values.json) {
  process.stdout.write(`${JSON.stringify({ bench: name, figures, machine: machine() })}\n`);
} else {
  const width = Math.max(...Object.keys(figures).map((figure) => figure.length));
  for (const [figure, value] of Object.entries(figures)) {
    process.stdout.write(`${figure.padEnd(width)}  ${value}\n`);
  }
}
