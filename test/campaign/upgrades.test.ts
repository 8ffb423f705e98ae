// Twenty upgrades of a host with fifty programs, every fourth of its keeper, too, and a program killed during each: those
// that were not killed are the same processes at the end, and each that was is reported once.
import { afterAll, beforeAll, expect, test } from "vitest";
import { INSTANCE, until } from "../support/agent-host.ts";
import { InstalledHost } from "../support/installed-host.ts";

const INSTANCES = 50;
const ROUNDS = 20;
const TRIAL_S = 60;

let installed: InstalledHost;

beforeAll(async () => {
  installed = await InstalledHost.start();
  const { host } = installed;
  const release = host.release(host.repo({ "run.sh": "exec sleep 1000" }));
  host.worker.want({
    releases: [release],
    run: Array.from({ length: INSTANCES }, (_, slot) => ({
      ...{ instanceId: `${INSTANCE}_${slot}`, slot, generation: slot + 1, release: 1 },
    })),
  });
  await until("all programs run", () => programs().size === INSTANCES);
}, 60_000);

afterAll(() => installed?.stop(), 60_000);

/** Pids by instance, as reported last, of those that really live. */
function programs(): Map<string, number> {
  const reported = installed.host.worker.report?.instances ?? [];
  return new Map(
    reported.flatMap(({ instanceId, pid }) =>
      pid !== null && isAlive(pid) ? [[instanceId, pid] as const] : [],
    ),
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test(`${ROUNDS} upgrades beside ${INSTANCES} programs`, async () => {
  const { worker } = installed.host;
  const standing = programs();
  const killed: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const note = (text: string) => (before: string) => `${before}\n// ${text} ${round}\n`;
    const keeper = round % 4 === 0 ? { "keeper.mjs": note("keeper") } : {};
    const version = installed.serve({ "agent.mjs": note("agent"), ...keeper });
    const { hellos } = worker;
    const victim = [...standing.keys()].at((round * 7) % standing.size)!;
    const upgrade = installed.upgrade(TRIAL_S);
    process.kill(standing.get(victim)!, "SIGKILL");
    const { code, said } = await upgrade;
    expect({ code, said }).toMatchObject({ code: 0 });
    killed.push(victim);
    await until("the new agent is back", () => worker.hellos > hellos);
    expect(installed.commandLine("agent")).toContain(version);
    const before = standing.get(victim);
    await until(
      "all programs are reported",
      () => programs().size === INSTANCES && programs().get(victim) !== before,
    );
    standing.set(victim, programs().get(victim)!);
    expect(programs()).toEqual(standing);
  }
  await until("every exit is reported", () => worker.uniqueExits().length >= killed.length);
  console.log(
    `${ROUNDS} upgrades, ${killed.length} programs killed meanwhile, ${worker.uniqueExits().length} exits reported`,
  );
  expect(
    worker
      .uniqueExits()
      .map((one) => one.instanceId)
      .sort(),
  ).toEqual(killed.sort());
  expect(programs()).toEqual(standing);
}, 600_000);
