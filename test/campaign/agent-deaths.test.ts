// An agent that is killed, replaced and held up beside 50 programs: no pid changes, and each death of a program
// meanwhile is recorded once.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signal } from "../../scripts/local/identity.ts";
import { waitUntil } from "../../scripts/local/wait.ts";
import { Cluster, QUICK_POLICY } from "../support/cluster.ts";
import { TestRepo } from "../support/cluster-repo.ts";

const INSTANCES = 50;
const ROUNDS = Number(process.env.COPPICE_ROUNDS ?? 20);
const HELD_UP_MS = 20_000;

let cluster: Cluster;
let repo: TestRepo;

beforeAll(async () => {
  repo = new TestRepo({ "a.txt": "a" });
  // A held up agent must not count as a lost host here.
  const heartbeat = { ...QUICK_POLICY.heartbeat, suspectMs: 60_000, lostMs: 120_000 };
  cluster = await Cluster.start({ policy: { ...QUICK_POLICY, heartbeat } });
});
afterAll(async () => {
  await cluster?.close();
  repo?.remove();
});

describe(`an agent beside ${INSTANCES} programs`, () => {
  test(`killed or ended ${ROUNDS} times, and held up for ${HELD_UP_MS / 1_000} s`, async () => {
    const worker = await cluster.createWorker({
      name: "many",
      repo: repo.path,
      startCommand: "exec sleep 1000",
      instances: INSTANCES,
    });
    await worker.deployEnded(1, 60_000);
    await worker.up(INSTANCES, 60_000);
    const standing = new Set(cluster.programs("many"));
    expect(standing.size).toBe(INSTANCES);
    let killed = 0;
    const kill = () => {
      const victim = [...standing].at((killed * 7) % standing.size)!;
      standing.delete(victim);
      signal(victim, "SIGKILL");
      killed++;
    };
    const whole = () =>
      waitUntil({ what: "all to run", withinMs: 10_000, everyMs: 20 }, () => {
        const now = cluster.programs("many");
        if (now.length !== INSTANCES) return false;
        // What stood before stands; the newcomers are the successors of those killed.
        for (const pid of standing) if (!now.includes(pid)) throw new Error(`${pid} is gone`);
        for (const pid of now) standing.add(pid);
        return true;
      });
    for (let round = 0; round < ROUNDS; round++) {
      await cluster.agent.kill(round % 2 === 0 ? "SIGKILL" : "SIGTERM");
      kill();
      await whole();
      await waitUntil({ what: "the agent to be back", withinMs: 15_000 }, () => cluster.agent.pid);
    }
    signal(cluster.agent.pid ?? 0, "SIGSTOP");
    kill();
    await whole();
    await new Promise((later) => setTimeout(later, HELD_UP_MS));
    signal(cluster.agent.pid ?? 0, "SIGCONT");
    await worker.crashed(killed, 60_000);
    await new Promise((later) => setTimeout(later, 3_000));
    const crashes = await worker.crashes();
    console.log(
      `${ROUNDS} agents ended, ${killed} programs killed meanwhile, ${crashes.length} crashes recorded`,
    );
    expect(crashes).toHaveLength(killed);
    expect(new Set(crashes.map((one) => `${one.instance}/${one.attempt}`)).size).toBe(killed);
    expect(new Set(cluster.programs("many"))).toEqual(standing);
    expect((await worker.up(INSTANCES, 30_000)).every((one) => one.generation <= INSTANCES)).toBe(
      true,
    );
    await worker.delete();
    await waitUntil(
      { what: "the end of all", withinMs: 30_000 },
      () => cluster.programs().length === 0,
    );
  });
});
