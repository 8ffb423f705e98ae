// A campaign in several processes: each takes every n-th seed; what they found is added up.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { add, type CampaignOptions, NOTHING, type Tally } from "./campaign.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
/** Begins the line by which a process hands over what it found. */
export const TALLY = "@tally ";

/** Throws where one of them ended without a word. */
export async function campaignInJobs(options: CampaignOptions, jobs: number): Promise<Tally> {
  const running = Array.from({ length: jobs }, (_, job) => runJob(options, jobs, job));
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      for (const one of running) one.end();
    });
  const tallies = await Promise.all(
    running.map(async ({ tally, stop }) => {
      const found = await tally;
      // The first that broke something ends the others, too.
      if (found.failures.length > 0 && !options.all) for (const one of running) one.stop();
      else stop();
      return found;
    }),
  );
  return tallies.reduce(add, NOTHING);
}

function runJob(options: CampaignOptions, jobs: number, job: number) {
  const seeds = Math.ceil((options.seeds - job) / jobs);
  const args = [MAIN, "--job", "--from", String(options.from + job), "--stride", String(jobs)];
  args.push("--seeds", String(seeds), "--seconds", String(options.seconds));
  args.push("--steps", String(options.steps), "--minutes", String(options.minutes));
  if (options.all) args.push("--all");
  if (options.mutant === null && options.like !== null) args.push("--like", options.like.name);
  if (options.fault !== null) args.push("--fault", options.fault);
  if (options.mutant !== null) args.push("--mutant", options.mutant.name);
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let rest = "";
  let found: Tally | null = null;
  let stopped = false;
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith(TALLY)) found = JSON.parse(line.slice(TALLY.length)) as Tally;
      else process.stdout.write(`${line}\n`);
    }
  });
  const tally = new Promise<Tally>((resolve, reject) => {
    child.on("close", (code) => {
      if (found !== null) resolve(found);
      else if (stopped) resolve(NOTHING);
      else reject(new Error(`job ${job} ended with ${code} and told nothing`));
    });
  });
  const stop = () => {
    stopped = true;
    child.kill("SIGKILL");
  };
  return { tally, stop, end: () => void child.kill("SIGTERM") };
}
