// Works off a small queue of photos that it keeps in files, and meets a broken one now and then: then it crashes for real.
//
// The queue lives below HOME, which outlives the process:
//   ready/ID.json            waits
//   working/SLOT/ID.json     being worked on; rename(2) is the claim, so two instances never take the same job
//   last-done.json           the job that was done last
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const slot = process.env.COPPICE_SLOT ?? "0";
const root = join(homedir(), "queue");
const ready = join(root, "ready");
const mine = join(root, "working", slot);
const stateFile = join(root, `state-${slot}.json`);
const JOB_PAUSE_MS = 700;
const ABANDONED_MS = 60_000;

mkdirSync(ready, { recursive: true });
mkdirSync(mine, { recursive: true });

const readJson = (path, fallback) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return fallback;
  }
};
/** Whole or not at all: the crash may come at any moment. */
const writeJson = (path, value) => {
  writeFileSync(`${path}.tmp`, JSON.stringify(value));
  renameSync(`${path}.tmp`, path);
};
const jobsIn = (directory) =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

// `nextId` numbers the jobs of slot 0, which makes them; `crashes` makes broken photos rarer each time.
const state = { nextId: 1, crashes: 0, ...readJson(stateFile, {}) };
const save = () => writeJson(stateFile, state);

/** Puts back what this slot held when it crashed, and what an instance that is gone has held for long. */
function recover() {
  let count = 0;
  for (const holder of readdirSync(join(root, "working"))) {
    const directory = join(root, "working", holder);
    for (const name of jobsIn(directory)) {
      try {
        const path = join(directory, name);
        if (holder !== slot && Date.now() - statSync(path).mtimeMs < ABANDONED_MS) continue;
        const job = readJson(path, { id: Number.parseInt(name, 10), tries: 0 });
        writeJson(path, { ...job, tries: job.tries + 1 });
        renameSync(path, join(ready, name));
        count++;
      } catch {
        // Another instance was faster.
      }
    }
  }
  return count;
}

function produce(broken) {
  const id = state.nextId++;
  save();
  writeJson(join(ready, `${id}.json`), { id, photo: `photo-${id}.jpg`, broken, tries: 0 });
}

function claim() {
  for (const name of jobsIn(ready)) {
    try {
      renameSync(join(ready, name), join(mine, name));
      return readJson(join(mine, name), null);
    } catch {
      // Another instance was faster.
    }
  }
  return null;
}

/** Stands for the real work. A broken photo has no pixels: reading its width is the bug that ends the process. */
function resize(job) {
  const photo = job.broken && job.tries === 0 ? {} : { pixels: { width: 4_000, height: 3_000 } };
  let digest = Buffer.alloc(photo.pixels.width);
  const until = performance.now() + 40 + ((job.id * 37) % 120);
  while (performance.now() < until) digest = createHash("sha256").update(digest).digest();
}

let stopping = false;
process.on("SIGTERM", () => {
  stopping = true;
});

const recovered = recover();
console.log(`queue: ${jobsIn(ready).length} waiting, ${recovered} put back after a crash`);
const startedAt = performance.now();
// 12 s at first, longer after each crash, 11 minutes at last.
const brokenAfterMs = Math.min(660_000, 12_000 * 1.5 ** state.crashes);
let brokenMade = false;

while (!stopping) {
  const broken = slot === "0" && !brokenMade && performance.now() - startedAt > brokenAfterMs;
  if (broken) {
    brokenMade = true;
    state.crashes++;
  }
  if (slot === "0") produce(broken);
  const job = claim();
  if (job === null) {
    await sleep(JOB_PAUSE_MS);
    continue;
  }
  const began = performance.now();
  resize(job);
  renameSync(join(mine, `${job.id}.json`), join(root, "last-done.json"));
  const again = job.tries > 0 ? " (second try)" : "";
  console.log(
    `job ${job.id} resized ${job.photo} in ${Math.round(performance.now() - began)} ms${again}`,
  );
  await sleep(JOB_PAUSE_MS);
}

state.crashes = 0;
save();
console.log(`queue: asked to stop, ${jobsIn(ready).length} waiting`);
