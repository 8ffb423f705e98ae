// `npm test [-- VITEST ARGS]`: all tests; then what was skipped and why, and one line `N passed, N failed`.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const resultFile = join(root, "dist", `test-results-${process.pid}.json`);

/** What is read of vitest's JSON report. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTotalTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function runVitest(args: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${resultFile}`,
      ...args,
    ],
    { cwd: root, stdio: "inherit" },
  );
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => child.kill(name));
  return new Promise((done) => child.on("exit", (code) => done(code ?? 1)));
}

function readResults(): Results | null {
  try {
    return JSON.parse(readFileSync(resultFile, "utf8")) as Results;
  } catch {
    return null;
  } finally {
    rmSync(resultFile, { force: true });
  }
}

/** Files that could not even be loaded have no test that failed; each counts as one. */
function brokenFiles(results: Results): string[] {
  return results.testResults
    .filter((file) => file.status === "failed")
    .filter((file) => !file.assertionResults.some((test) => test.status === "failed"))
    .map((file) => relative(root, file.name));
}

mkdirSync(join(root, "dist"), { recursive: true });
const code = await runVitest(process.argv.slice(2));
const results = readResults();
if (results === null) {
  console.log("no result was written: the test runner itself failed, see above");
  console.log("0 passed, 1 failed");
  process.exit(code || 1);
}
const broken = brokenFiles(results);
for (const file of broken) console.log(`could not be run: ${file}`);
for (const file of results.testResults) {
  for (const test of file.assertionResults) {
    if (test.status !== "pending" && test.status !== "skipped" && test.status !== "todo") continue;
    console.log(`skipped: ${relative(root, file.name)}: ${test.fullName}`);
  }
}
const failed = results.numFailedTests + broken.length;
if (failed > 0) console.log("see one again: npm test -- FILE -t 'NAME'");
console.log(`${results.numPassedTests} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : code);
