// `npm run verify`: everything that CI checks, in one go; at the end what failed and how to see more.
import { spawn } from "node:child_process";
import { resolve } from "node:path";

interface Step {
  readonly what: string;
  /** A script of package.json. */
  readonly script: string;
  readonly args?: readonly string[];
}

const STEPS: readonly Step[] = [
  { what: "types", script: "types" },
  {
    what: "lint and format",
    script: "lint",
    args: process.stdout.isTTY ? ["--colors=force"] : ["--colors=off"],
  },
  { what: "import law", script: "imports" },
  { what: "deployable", script: "deploy:check" },
  { what: "tests", script: "test" },
];

const root = resolve(import.meta.dirname, "..");

/** Seconds it took, and whether it went well. The output of a good step is kept short, except for the tests'. */
function runStep(step: Step): Promise<{ ok: boolean; seconds: number }> {
  const startedAt = performance.now();
  const loud = step.script === "test";
  const child = spawn("npm", ["run", "--silent", step.script, "--", ...(step.args ?? [])], {
    cwd: root,
    stdio: ["ignore", loud ? "inherit" : "pipe", loud ? "inherit" : "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((done) => {
    child.on("error", () => done({ ok: false, seconds: 0 }));
    child.on("close", (code) => {
      if (code !== 0 && !loud) process.stdout.write(Buffer.concat(output));
      done({ ok: code === 0, seconds: (performance.now() - startedAt) / 1_000 });
    });
  });
}

const failed: Step[] = [];
for (const step of STEPS) {
  if (step.script === "test") console.log(`     ${step.what} …`);
  const { ok, seconds } = await runStep(step);
  console.log(`${ok ? "ok  " : "FAIL"} ${step.what} (${seconds.toFixed(1)} s)`);
  if (!ok) failed.push(step);
}
if (failed.length > 0) {
  console.log(`\n${failed.length} of ${STEPS.length} failed. See each alone:`);
  for (const { what, script } of failed) console.log(`  npm run ${script}    # ${what}`);
  process.exit(1);
}
console.log("\nAll well.");
