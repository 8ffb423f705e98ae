// No line is lost, doubled or out of order, whatever dies on the way: numbered lines through random kills of agent,
// keeper and workerd. COPPICE_SEED repeats a run.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LogLine } from "../../protocol/rest.ts";
import { signal } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";
import type { WorkerHandle } from "../support/cluster-worker.ts";
import { THOROUGH } from "../support/thorough.ts";

const LINES = THOROUGH ? 100_000 : 20_000;
const KILLS = THOROUGH ? 20 : 5;
const seed = Number(process.env.COPPICE_SEED ?? Date.now() % 1_000_000);

/** 5,000 lines a second for 20 s. */
const NUMBERS = `
let next = 1;
const timer = setInterval(() => {
  let text = "";
  for (let i = 0; i < 250 && next <= ${LINES}; i++) text += "line " + next++ + "\\n";
  process.stdout.write(text);
  if (next > ${LINES}) { clearInterval(timer); setInterval(() => {}, 60_000); }
}, 50);
`;

let cluster: Cluster;
let repo: TestRepo;

beforeAll(async () => {
  repo = new TestRepo({ "numbers.mjs": NUMBERS });
  cluster = await Cluster.start();
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

/** In [0, 1), the same for the same seed. */
function randomOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Kills one part; gives its name. A part that is down for the moment is waited for. */
async function killOne(random: () => number): Promise<string> {
  const which = Math.floor(random() * 3);
  if (which < 2) {
    const part = which === 0 ? cluster.agent : cluster.keeper;
    await waitUntil(
      { what: `${part.spec.name} to be up`, withinMs: 10_000 },
      () => part.pid !== null,
    );
    await part.kill();
    return part.spec.name;
  }
  await cluster.healthy();
  const pid = cluster.workerdPid;
  if (pid !== null) signal(pid, "SIGKILL");
  return "workerd";
}

/** Follows the log page by page until the last number was read. */
async function readAll(worker: WorkerHandle, first: LogLine[]): Promise<LogLine[]> {
  const lines = [...first];
  const cursor = () => lines.at(-1)?.cursor ?? "";
  let last = "";
  await waitUntil({ what: "the last line", withinMs: 60_000, everyMs: 100 }, async () => {
    for (;;) {
      const page = await worker.logs({ limit: "5000", cursor: cursor() });
      lines.push(...page);
      last = page.findLast((line) => line.stream === "stdout")?.text ?? last;
      if (page.length < 5_000) return last === `line ${LINES}`;
    }
  });
  return lines;
}

test(`${LINES} lines arrive once each and in order through ${KILLS} kills of agent, keeper and workerd`, async () => {
  console.log(`seed ${seed} (repeat it with COPPICE_SEED=${seed})`);
  const random = randomOf(seed);
  const worker = await cluster.createWorker({
    name: "numbers",
    repo: repo.path,
    startCommand: "exec node numbers.mjs",
  });
  const [pid = 0] = await worker.pids(1);
  await worker.logged((line) => line.stream === "stdout");
  const first = await worker.logs({ limit: "5000" });
  expect(first.find((line) => line.stream === "stdout")?.text).toBe("line 1");

  const killed: Record<string, number> = {};
  for (let kill = 0; kill < KILLS; kill++) {
    await wait(200 + random() * 600);
    const name = await killOne(random);
    killed[name] = (killed[name] ?? 0) + 1;
  }
  console.log(`killed: ${JSON.stringify(killed)}`);
  await cluster.healthy();
  const lines = await readAll(worker, first);
  expect(await worker.pids(1)).toEqual([pid]);

  const numbers = lines.filter((line) => line.stream === "stdout").map((line) => line.text);
  const wrong = numbers.findIndex((text, index) => text !== `line ${index + 1}`);
  const around = numbers.slice(Math.max(0, wrong - 2), wrong + 3);
  expect(wrong === -1 ? "in order" : `at ${wrong}: ${around.join(", ")}`).toBe("in order");
  expect(numbers).toHaveLength(LINES);
  expect(lines.filter((line) => line.stream === "stderr")).toEqual([]);
});
