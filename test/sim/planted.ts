// Runs each planted bug in a process of its own, until a seed breaks; a bug that no seed catches fails the run.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "./mutants.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

interface Outcome {
  readonly name: string;
  /** By what and where it was caught; null where it was not. */
  readonly caught: string | null;
  readonly output: string;
}

export interface WorldSize {
  readonly steps: string;
  readonly minutes: string;
}

/** `seeds`: how many it may take. */
export function runMutant(
  name: string,
  seeds: number,
  { steps, minutes }: WorldSize,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = [MAIN, "--mutant", name, "--seeds", String(seeds)];
    args.push("--steps", steps, "--minutes", minutes);
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const hear = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("close", (code) => {
      const found = /^seed (\d+) broke ([a-z-]+)/m.exec(output);
      const caught = code === 1 && found !== null ? `${found[2]}, seed ${found[1]}` : null;
      resolve({ name, caught, output });
    });
  });
}

export async function runMutants(seeds: number, size: WorldSize): Promise<number> {
  const waiting = [...MUTANTS];
  let missed = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, caught, output } = await runMutant(next.name, seeds, size);
      process.stdout.write(
        `${caught === null ? "MISSED" : "caught"}  ${name}: ${caught ?? "by nothing"}\n`,
      );
      if (caught !== null) continue;
      missed += 1;
      process.stdout.write(`${output.split("\n").slice(-6).join("\n")}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  process.stdout.write(
    `${MUTANTS.length - missed} of ${MUTANTS.length} planted bugs were caught\n`,
  );
  return missed === 0 ? 0 : 1;
}
