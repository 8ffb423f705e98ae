// `npm test [-- VITEST ARGS]`: all tests; then what was skipped and why, and one line `N passed, N failed`.
// With `--again`, files with a failure are run once more, with nothing beside them, and what fails then counts: on a busy
// machine a test of durations may fail for no fault of ours. What needed that is named.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const resultFile = join(root, "dist", `test-results-${process.pid}.json`);
const unhandledFile = join(root, "dist", `test-unhandled-${process.pid}`);

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
      `--reporter=${join(root, "scripts/unhandled.ts")}`,
      `--outputFile.json=${resultFile}`,
      ...args,
    ],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, COPPICE_UNHANDLED_FILE: unhandledFile },
    },
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

/** Errors outside of any test, which no file can be run again for. */
function readUnhandled(): number {
  try {
    return Number(readFileSync(unhandledFile, "utf8"));
  } catch {
    return 0;
  } finally {
    rmSync(unhandledFile, { force: true });
  }
}

/** Files that could not even be loaded have no test that failed; each counts as one. */
function brokenFiles(results: Results): string[] {
  return results.testResults
    .filter((file) => file.status === "failed")
    .filter((file) => !file.assertionResults.some((test) => test.status === "failed"))
    .map((file) => relative(root, file.name));
}

/** Those with a failure, relative to the root. */
function failedFiles(results: Results): string[] {
  return results.testResults
    .filter((file) => file.status === "failed")
    .map((file) => relative(root, file.name));
}

/** Of the first results, those of the files that were run again give way. */
function replaced(first: Results, again: Results): Results {
  const names = new Set(again.testResults.map((file) => file.name));
  const testResults = [
    ...first.testResults.filter((file) => !names.has(file.name)),
    ...again.testResults,
  ];
  const count = (status: string) =>
    testResults.flatMap((file) => file.assertionResults).filter((test) => test.status === status)
      .length;
  return {
    ...first,
    testResults,
    numPassedTests: count("passed"),
    numFailedTests: count("failed"),
  };
}

let code = 0;

async function run(args: readonly string[]): Promise<Results> {
  code = await runVitest(args);
  const results = readResults();
  if (results !== null) return results;
  console.log("no result was written: the test runner itself failed, see above");
  console.log("0 passed, 1 failed");
  process.exit(code || 1);
}

mkdirSync(join(root, "dist"), { recursive: true });
const given = process.argv.slice(2);
let results = await run(given.filter((arg) => arg !== "--again"));
const unhandled = readUnhandled();
const doubtful = failedFiles(results);
/** So many failures are no accident. */
const MOST_AGAIN = 6;
if (
  given.includes("--again") &&
  doubtful.length > 0 &&
  doubtful.length <= MOST_AGAIN &&
  unhandled === 0
) {
  console.log(`failed, and run once more by themselves: ${doubtful.join(", ")}`);
  results = replaced(results, await run([...doubtful, "--no-file-parallelism"]));
  readUnhandled();
  const mended = doubtful.filter((file) => !failedFiles(results).includes(file));
  for (const file of mended) console.log(`passed only when run again: ${file}`);
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
